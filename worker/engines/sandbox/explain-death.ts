import { Fault } from "#lib/domain/fault/fault.ts";
import { outcomeText } from "#worker/exec/spawn-tool.ts";
import type { Sandbox } from "./sandbox.ts";

/** A client may notice the closed socket before the process is reaped, ms. */
const REAPED_MS = 250;

/** What a client says of a server that died says little: SANDBOX_FAILED with the end of the server's own log then; the error as it is where it lives. */
export async function explainByDeath(sandbox: Pick<Sandbox, "ended" | "logTail">, error: unknown): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const alive = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), REAPED_MS);
  });
  const end = await Promise.race([sandbox.ended, alive]);
  clearTimeout(timer);
  return end ? new Fault("SANDBOX_FAILED", { params: { message: outcomeText(end) }, detail: await sandbox.logTail(), cause: error }) : error;
}
