/** Where a request came from: what rewrite-forwarded.ts left of X-Forwarded-For when the request came in. */
export function clientAddress(headers: Headers): string | null {
  return headers.get("x-forwarded-for")?.split(",").at(-1)?.trim().slice(0, 100) || null;
}
