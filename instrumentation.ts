/** Next calls this once, before the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const [{ readConsoleEnvironment }, { trustedProxies }, { rewriteForwarded }] = await Promise.all([import("#lib/platform/env.ts"), import("#lib/platform/trusted-proxies.ts"), import("./app/rewrite-forwarded.ts")]);
  rewriteForwarded(trustedProxies(readConsoleEnvironment().SALVAGENTE_TRUSTED_PROXIES ?? ""));
}
