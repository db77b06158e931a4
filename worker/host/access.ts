import type { ServerConfig } from "#lib/contract/config/server.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import type { HostIdentity } from "./identity.ts";
import { openSecret } from "./secrets.ts";

/** Login for a configured server: the backing-up account, or the restoring one where it is set apart. */
export async function accessOf(server: ServerConfig, identity: HostIdentity, purpose: "backup" | "restore" = "backup"): Promise<ServerAccess> {
  const account = purpose === "restore" && server.restoreAccount ? server.restoreAccount : { user: server.user, password: server.password };
  return {
    name: server.name,
    ...(server.socket ? { socket: server.socket } : { host: server.host ?? "127.0.0.1", port: server.port }),
    user: account.user,
    password: await openSecret(account.password, identity),
    ...(server.tls ? { tls: server.tls } : {}),
  };
}
