import type { ShownFault } from "./fault-panel.tsx";

const MARK = "salvagente:";

/** A fault as the digest of an error: the only thing that Next lets through to the browser. No detail: it may hold inner matters. */
export function faultDigest(fault: ShownFault): string {
  return MARK + JSON.stringify({ code: fault.code, params: fault.code === "UNEXPECTED" ? {} : fault.params });
}

/** The fault behind a digest, or null if it is none of ours. */
export function readFaultDigest(digest: string | undefined): ShownFault | null {
  if (!digest?.startsWith(MARK)) return null;
  try {
    return JSON.parse(digest.slice(MARK.length)) as ShownFault;
  } catch {
    return null;
  }
}
