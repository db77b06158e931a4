import type { FaultRecord } from "#lib/domain/fault/fault.ts";
import { isFaultCode } from "#lib/domain/fault/table.ts";
import { faultRecord } from "../names.ts";

const MARK = "fault:";

/** How a worker's fault travels in BullMQ's `failedReason`: throw an Error with this message from the processor. */
export function failureMessage(record: FaultRecord): string {
  return MARK + JSON.stringify(record);
}

/** The fault behind a `failedReason`; whatever is not one of ours (stalled, crashed) becomes `UNEXPECTED` with the text. */
export function readFailure(failedReason: string): FaultRecord {
  if (failedReason.startsWith(MARK)) {
    const parsed = faultRecord.safeParse(safeJson(failedReason.slice(MARK.length)));
    if (parsed.success && isFaultCode(parsed.data.code)) return { ...parsed.data, code: parsed.data.code };
  }
  if (/stalled/.test(failedReason)) return { code: "INTERRUPTED", params: {}, retryable: false, detail: failedReason };
  return { code: "UNEXPECTED", params: { message: failedReason.slice(0, 400) }, retryable: false };
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
