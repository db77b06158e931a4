"use client";
import { useRouter } from "next/navigation";
import { useEffect, useReducer, useState } from "react";
import type { RunEventView } from "#lib/contract/views/run.ts";
import { foldEvent, hasEnded, type LiveRun } from "./journal.ts";

/** `live`: events come in. `lost`: the browser tries again by itself. `ended`: nothing more will come. */
export type Link = "live" | "lost" | "ended";

/** Follows a run over server-sent events; the browser resumes with Last-Event-ID after a cut. When it begins and at its end the page is read anew. */
export function useRunStream(runId: string, opening: LiveRun): { view: LiveRun; link: Link } {
  const router = useRouter();
  const [view, take] = useReducer((now: LiveRun, events: readonly RunEventView[]) => events.reduce(foldEvent, now), opening);
  const [link, setLink] = useState<Link>(hasEnded(opening.state) ? "ended" : "live");
  const from = opening.lastSeq;
  const over = hasEnded(opening.state);
  const began = opening.state === "queued" && view.state !== "queued";
  // biome-ignore lint/correctness/useExhaustiveDependencies: `from` only sets where the first connection begins; a later number must not reconnect
  useEffect(() => {
    if (over) return;
    const source = new EventSource(`/api/runs/${runId}/events?after=${from}`);
    source.onopen = () => setLink("live");
    source.onerror = () => setLink("lost");
    source.addEventListener("journal", (message) => take(JSON.parse(message.data) as RunEventView[]));
    source.addEventListener("end", () => {
      source.close();
      setLink("ended");
      router.refresh();
    });
    return () => source.close();
  }, [runId, over, router]);
  // what the server drew (facts, the question before a cancel) still speaks of a run that waits
  useEffect(() => {
    if (began) router.refresh();
  }, [began, router]);
  return { view, link };
}
