import { Fault } from "#lib/domain/fault/fault.ts";

/** What an aborted operation rejects with: the signal's own reason when it is a Fault, otherwise CANCELLED. */
export function cancelled(signal: AbortSignal): Fault {
  return signal.reason instanceof Fault ? signal.reason : new Fault("CANCELLED", { cause: signal.reason });
}

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal);
}
