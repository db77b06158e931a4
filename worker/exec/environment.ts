const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What a child may know of our environment; everything else (tokens, URLs with passwords) stays here. */
const INHERITED = ["HOME", "LIBMYSQL_PLUGIN_DIR"] as const;

/**
 * The whole environment of a child: PATH, HOME, plugin folder, fixed language and zone, and what the caller gives.
 * Texts of tools are parsed, so they must not depend on the host's language. Never put a secret into `extra`:
 * other processes of the same user can read it.
 */
export function childEnvironment(extra: Readonly<Record<string, string>> = {}, parent: Readonly<Record<string, string | undefined>> = process.env): Record<string, string> {
  const environment: Record<string, string> = { PATH: parent.PATH ?? DEFAULT_PATH, LANG: "C.UTF-8", TZ: "UTC" };
  for (const name of INHERITED) {
    const value = parent[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...extra };
}
