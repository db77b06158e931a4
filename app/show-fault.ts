import { notFound, redirect, unstable_rethrow } from "next/navigation";
import { faultDigest } from "#components/ui/fault-digest.ts";
import { asFault, faultRecord } from "#lib/domain/fault/fault.ts";

/** For pages: awaits a service; its fault reaches the error page with code and parameters instead of a blank digest. */
export async function shown<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    return showFault(error);
  }
}

/** Sends the reader where a fault is shown: sign-in, not found, or the error page. */
export function showFault(error: unknown): never {
  unstable_rethrow(error);
  const fault = asFault(error);
  if (fault.code === "SIGNED_OUT") redirect("/sign-in");
  if (fault.code === "NOT_FOUND") notFound();
  throw Object.assign(fault, { digest: faultDigest(faultRecord(fault)) });
}
