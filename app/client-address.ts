/**
 * Where a request came from, for the audit trail: the last hop of X-Forwarded-For, which the server itself or the
 * reverse proxy before it wrote. Earlier hops are what the client claims.
 */
export function clientAddress(headers: Headers): string | null {
  return headers.get("x-forwarded-for")?.split(",").at(-1)?.trim().slice(0, 100) || null;
}
