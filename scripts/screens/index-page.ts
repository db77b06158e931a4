/** The page that shows all pictures of a folder, as Markdown: small ones in the text, each leading to itself in full. */
export function indexPage(pages: readonly (readonly [name: string, path: string, shows: string])[]): string {
  const picture = (file: string, width: number) => `<a href="${file}.png"><img src="${file}.png" width="${width}" alt="${file}"></a>`;
  const rows = pages.map(([name, , shows]) => `| ${shows} | ${picture(`${name}-360-it-light`, 90)} ${picture(`${name}-360-en-dark`, 90)} | ${picture(`${name}-1440-it-light`, 280)} ${picture(`${name}-1440-en-dark`, 280)} |`);
  return [
    "# The console in pictures",
    "",
    "Every page at 360 and 1440 px, in Italian (light) and English (dark), as `scripts/screens/` takes them from a console with a month of seeded runs. Each is checked on the way: nothing wider than the",
    "window, no message in the browser's console, no violation of axe's WCAG 2.2 AA rules, targets of 44 px on a phone.",
    "",
    "    node scripts/screens/console.ts --built > stack.json &",
    "    node scripts/screens/main.ts --stack stack.json --out docs/screens",
    "",
    "| | 360 px | 1440 px |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
