import NextLink from "next/link";
import type { ComponentProps } from "react";

/**
 * A link within the console that fetches nothing ahead. Next 16 shows a page without a title, or without a part, when a link is clicked while it is still being fetched
 * ahead (vercel/next.js#98684); pages answer in a fifth of a second, and one that shows ten links would ask the database ten times more.
 */
export function Link(props: Omit<ComponentProps<typeof NextLink>, "prefetch">) {
  return <NextLink {...props} prefetch={false} />;
}
