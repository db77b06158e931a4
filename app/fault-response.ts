import { asFault, faultText } from "#lib/domain/fault/fault.ts";
import { FAULTS } from "#lib/domain/fault/table.ts";

/** A fault as answer of an API route: its status, code and English words. */
export function faultResponse(error: unknown): Response {
  const fault = asFault(error);
  return Response.json({ code: fault.code, params: fault.params, ...faultText(fault, "en") }, { status: FAULTS[fault.code].http });
}
