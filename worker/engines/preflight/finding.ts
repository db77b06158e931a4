import type { FaultCode } from "#lib/domain/fault/table.ts";
import { Fault, type FaultParams, type FaultRecord, faultRecord } from "#lib/domain/fault/fault.ts";

/** One thing that the pre-flight check noticed. `error`: a backup would be incomplete or cannot be made, so none may start. */
export interface Finding {
  readonly severity: "info" | "warning" | "error";
  readonly fault: FaultRecord;
}

/** A finding from the closed table. `detail` holds evidence, such as the server's message. */
export function finding(severity: Finding["severity"], code: FaultCode, params: FaultParams, detail?: string): Finding {
  return { severity, fault: faultRecord(new Fault(code, { params, ...(detail === undefined ? {} : { detail }) })) };
}

/** Names for a message: the first ten, then how many more. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} … (+${names.length - 10})` : shown;
}
