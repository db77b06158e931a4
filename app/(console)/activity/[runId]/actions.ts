"use server";
import { cancelRun } from "#lib/services/run/cancel-run.ts";
import { attempt } from "../../../attempt.ts";

/** Stops a run; the service checks role and state. */
export async function cancelRunAction(id: string) {
  return attempt((context) => cancelRun(context, { id }));
}
