"use server";
import { verifySet } from "#lib/services/backup/verify-set.ts";
import { attempt } from "../../../attempt.ts";

/** Queues a verification; the service checks role and that none is active. */
export async function verifySetAction(id: string, level: "intact" | "proven") {
  return attempt((context) => verifySet(context, { id, level }));
}
