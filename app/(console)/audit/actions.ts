"use server";
import { verifyTrail } from "#lib/services/audit/verify-trail.ts";
import { attempt } from "../../attempt.ts";

/** Checks every entry's hash and link. */
export async function verifyTrailAction() {
  return attempt((context) => verifyTrail(context));
}
