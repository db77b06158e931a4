import { isIPv4 } from "node:net";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Donor } from "#worker/engines/clone/clone-remote.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { accountInStatement, readGrants } from "#worker/engines/preflight/grants.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { series } from "#worker/engines/server/identify.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { openSecret } from "#worker/host/secrets.ts";

/** Is a server set down in worker.yaml as one whose files come over the network? */
export function isDonor(host: HostRuntime, server: string): boolean {
  return host.config.donors?.[server] !== undefined;
}

/**
 * Everything that can be known of a server that shall hand its files to this host: reached by TCP and TLS, by an account that may, which is tried.
 * Faults: CLONE_DONOR_TCP, CLONE_DONOR_TLS, SERVER_GRANT_MISSING, SERVER_ACCESS_DENIED, SERVER_UNREACHABLE.
 */
export async function requireDonor(host: HostRuntime, access: ServerAccess, server: SourceServer, pageSize: number): Promise<Donor> {
  if (access.socket || !access.host) throw new Fault("CLONE_DONOR_TCP", { params: { server: server.name } });
  if (!access.tls || access.tls.mode === "disabled") throw new Fault("CLONE_DONOR_TLS", { params: { server: server.name } });
  const own = host.config.donors?.[server.name];
  const account = own ? { ...access, user: own.user, password: await openSecret(own.password, host.identity) } : access;
  const connection = await connect(account);
  try {
    const held = readGrants((await textRows(connection, "SHOW GRANTS")).map(([line]) => line ?? ""));
    const [current] = await textRows(connection, "SELECT CURRENT_USER()");
    if (!held.global.has("BACKUP_ADMIN")) throw new Fault("SERVER_GRANT_MISSING", { params: { grant: "BACKUP_ADMIN", statement: `GRANT BACKUP_ADMIN ON *.* TO ${accountInStatement(current?.[0] ?? "")};` } });
    const plugins = await textRows(connection, "SELECT PLUGIN_NAME, PLUGIN_LIBRARY FROM information_schema.PLUGINS WHERE PLUGIN_STATUS = 'ACTIVE' AND PLUGIN_LIBRARY IS NOT NULL");
    return { access: account, pageSize, plugins: plugins.map(([name, library]) => ({ name: name ?? "", library: library ?? "" })) };
  } finally {
    connection.destroy();
  }
}

/**
 * The same of a server of this host that is reached by its socket, or by TCP: at its own port, over TLS in any case, which it has unless that was switched off. The account must be able to log in there, and
 * the server must be the same one: another may answer at that port, from a container. Faults as of {@link requireDonor}; SERVER_UNREACHABLE also where the server takes nobody by TCP, or another answers.
 */
export async function requireOwnDonor(host: HostRuntime, access: ServerAccess, server: SourceServer, pageSize: number): Promise<Donor> {
  const unreachable = (message: string): Fault => new Fault("SERVER_UNREACHABLE", { params: { server: server.name, message } });
  const asked = await connect(access);
  const [[skips, port, bound] = []] = await textRows(asked, "SELECT @@skip_networking, @@port, @@bind_address").finally(() => asked.destroy());
  if (skips === "1") throw unreachable("skip_networking=ON");
  const { socket: _socket, tls = { mode: "required" }, ...login } = access;
  const secure = tls.mode === "disabled" ? { mode: "required" as const } : tls;
  const tcp: ServerAccess = { ...login, host: access.host ?? listensAt(bound ?? ""), port: access.socket ? Number(port) : access.port, tls: secure };
  const reached = await connect(tcp);
  const [[uuid] = []] = await textRows(reached, "SELECT @@server_uuid").finally(() => reached.destroy());
  if (uuid !== server.uuid) throw unreachable(`${tcp.host}:${tcp.port}: server_uuid=${uuid}`);
  return requireDonor(host, tcp, server, pageSize);
}

/** Where a server of this host is reached that listens at `bound` (`bind_address`: one or several, `*` for all, a network namespace behind it or not): at 127.0.0.1, unless it only listens elsewhere. */
function listensAt(bound: string): string {
  const addresses = bound.split(",").map((address) => address.trim().split("/")[0] ?? "");
  return addresses.every((address) => isIPv4(address) && !["0.0.0.0", "127.0.0.1"].includes(address)) ? (addresses[0] ?? "") : "127.0.0.1";
}

/** Before 8.0.37 both ends had to be of the very same version; from then on a series is enough. Fault PHYSICAL_SERIES. */
export function requireSameRelease(program: string, found: string, server: SourceServer): void {
  const [major, minor] = series(server.version);
  const patch = (version: string): number => Number(/^\d+\.\d+\.(\d+)/.exec(version)?.[1] ?? 0);
  const strict = major === 8 && minor === 0 && Math.min(patch(found), patch(server.version)) < 37;
  if (strict && patch(found) !== patch(server.version)) throw new Fault("PHYSICAL_SERIES", { params: { program, found, server: server.name, expected: server.version } });
}
