import { z } from "zod";
import { slug } from "#lib/contract/names.ts";
import type { PairingHello } from "#lib/contract/pairing.ts";
import type { HostRow } from "#lib/contract/views/settings.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { checkHello, makeAnswer } from "#lib/platform/pairing.ts";
import { answerHost, waitingHosts } from "#lib/queue/waiting-hosts.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { hostRow } from "#lib/store/host/host-row.ts";
import { transaction } from "#lib/store/open-database.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const acceptPairingInput = z.object({
  host: slug,
  /** The one the DBA compared with the host's terminal. */
  fingerprint: z.string().max(40),
  /** Typed from the host's terminal. */
  code: z.string().min(12).max(40),
});

/**
 * Trusts a worker's keys and proves the console's own to it. A host of the same name gets the new keys.
 * @throws Fault NOT_FOUND when nobody of that name waits, PAIRING_REFUSED when code or fingerprint differ
 */
export async function acceptPairing(context: ServiceContext, input: z.input<typeof acceptPairingInput>): Promise<HostRow> {
  await permit(context, "host.pair");
  const { host, fingerprint, code } = parseInput(acceptPairingInput, input);
  const waiting = (await waitingHosts(context.queue)).find((hello) => hello.host === host);
  if (!waiting) throw new Fault("NOT_FOUND", { params: { kind: "waiting worker", id: host } });
  const hello = await checked(context, waiting, fingerprint, code);
  const now = context.clock.now();
  const keys = { hostname: hello.hostname, signingKey: hello.signingKey, boxKey: hello.boxKey, fingerprint: hello.fingerprint, pairedAt: new Date(now), pairedBy: context.actor.email };
  const row = await transaction(context.db, async (tx) => {
    const written = await tx.host.upsert({ where: { name: host }, create: { name: host, ...keys }, update: { ...keys, heldRevision: 0 } });
    await appendAudit(tx, auditAs(context, { action: "host.pair", subject: host, detail: { fingerprint: hello.fingerprint, hostname: hello.hostname } }));
    return written;
  });
  await answerHost(context.queue, hello, makeAnswer({ host, consoleKey: context.queue.consoleKey, now }, code));
  return hostRow(row, now);
}

async function checked(context: ServiceContext, hello: PairingHello, fingerprint: string, code: string) {
  try {
    if (hello.fingerprint !== fingerprint) throw new Fault("PAIRING_REFUSED", { params: { message: "the worker shows another fingerprint now" } });
    return checkHello(hello, code);
  } catch (error) {
    await transaction(context.db, (tx) => appendAudit(tx, auditAs(context, { action: "host.pair", subject: hello.host, outcome: "refused", detail: { fingerprint: hello.fingerprint } })));
    throw error;
  }
}
