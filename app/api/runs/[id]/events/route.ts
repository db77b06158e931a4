import type { RunEventView } from "#lib/contract/views/run.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readRunEvents } from "#lib/services/run/read-run-events.ts";
import { checkSession } from "#lib/services/user/sign-in.ts";
import { requestContext, sessionOf } from "../../../../current-actor.ts";
import { faultResponse } from "../../../../fault-response.ts";
import { textStream } from "../../../../text-stream.ts";

/** Time between two looks into the journal, and between two signs of life, milliseconds. */
const LOOK_MS = 700;
const BEAT_MS = 15_000;

/**
 * The journal of a run as server-sent events: `journal` (list of RunEventView) and at last `end`.
 * Resumes after `Last-Event-ID`, else after `?after=`. Comments keep proxies from closing a silent line.
 */
export async function GET(request: Request, { params }: { readonly params: Promise<{ id: string }> }): Promise<Response> {
  try {
    const [{ id }, context] = await Promise.all([params, requestContext()]);
    const asked = request.headers.get("last-event-id") ?? new URL(request.url).searchParams.get("after") ?? "0";
    const after = /^\d{1,9}$/.test(asked) ? Number(asked) : 0;
    const first = await readRunEvents(context, { id, after });
    const session = await sessionOf();
    const pieces = journal(context, { id, after, first, signal: request.signal, holds: async () => session !== null && (await checkSession(context.db, session))?.role === context.actor.role });
    return new Response(textStream(pieces), {
      headers: { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no" },
    });
  } catch (error) {
    return faultResponse(error);
  }
}

interface Following {
  readonly id: string;
  readonly after: number;
  readonly first: Awaited<ReturnType<typeof readRunEvents>>;
  readonly signal: AbortSignal;
  /** Does the session still hold, with the same role? Asked at each sign of life. */
  readonly holds: () => Promise<boolean>;
}

async function* journal(context: ServiceContext, { id, after, first, signal, holds }: Following): AsyncGenerator<string> {
  yield "retry: 2000\n\n";
  let last = after;
  let found = first;
  let spokeAt = Date.now();
  while (!signal.aborted) {
    const newest = found.events.at(-1);
    if (newest) {
      last = newest.seq;
      spokeAt = Date.now();
      yield `id: ${last}\nevent: journal\ndata: ${JSON.stringify(thinned(found.events))}\n\n`;
    }
    if (found.complete) {
      yield `event: end\ndata: ${JSON.stringify(found.state)}\n\n`;
      return;
    }
    if (Date.now() - spokeAt > BEAT_MS) {
      if (!(await holds())) return;
      spokeAt = Date.now();
      yield ": alive\n\n";
    }
    // A full batch means that more is waiting.
    if (found.events.length < 500) await pause(LOOK_MS, signal);
    if (signal.aborted) return;
    found = await readRunEvents(context, { id, after: last });
  }
}

/** Of several progress events in one batch only the last is worth sending. */
function thinned(events: readonly RunEventView[]): RunEventView[] {
  const lastProgress = events.findLastIndex((event) => event.body.type === "progress");
  return events.filter((event, index) => event.body.type !== "progress" || index === lastProgress);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
