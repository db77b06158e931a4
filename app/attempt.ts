import { unstable_rethrow } from "next/navigation";
import { type FaultRecord, faultRecord } from "#lib/domain/fault/fault.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { composition } from "./compose.ts";
import { requestContext } from "./current-actor.ts";

/** What a server action gives back: a value, or a fault to show in a FaultPanel. */
export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: FaultRecord };

/** Runs a service in the name of the visitor. Redirects pass through; what is no Fault is logged and told without its inner matters. */
export async function attempt<T>(work: (context: ServiceContext) => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await work(await requestContext()) };
  } catch (error) {
    unstable_rethrow(error);
    const fault = faultRecord(error);
    if (fault.code !== "UNEXPECTED") return { ok: false, fault };
    (await composition().catch(() => null))?.log.error({ err: error }, "action failed");
    return { ok: false, fault: { ...fault, detail: undefined } };
  }
}
