import type { PairingHello } from "#lib/contract/pairing.ts";
import type { PendingHost } from "#lib/contract/views/settings.ts";
import { waitingHosts } from "#lib/queue/waiting-hosts.ts";
import type { ServiceContext } from "../context.ts";
import { permit } from "../permit.ts";

/**
 * Workers that wait to be accepted. A hello that an accepted worker repeated before it read the answer is left out.
 * @throws Fault QUEUE_UNREACHABLE
 */
export async function listPending(context: ServiceContext): Promise<PendingHost[]> {
  await permit(context, "host.pair");
  const [hellos, hosts] = await Promise.all([waitingHosts(context.queue), context.db.host.findMany({ select: { name: true, fingerprint: true, pairedAt: true, heartbeatAt: true } })]);
  const isAnswered = (hello: PairingHello) => {
    const host = hosts.find((row) => row.name === hello.host && row.fingerprint === hello.fingerprint);
    return host !== undefined && (new Date(hello.at) <= host.pairedAt || (host.heartbeatAt !== null && new Date(hello.at) < host.heartbeatAt));
  };
  return hellos.filter((hello) => !isAnswered(hello)).map((hello) => ({
    host: hello.host,
    hostname: hello.hostname,
    fingerprint: hello.fingerprint,
    at: hello.at,
    replaces: hosts.some((host) => host.name === hello.host && host.fingerprint !== hello.fingerprint),
  }));
}
