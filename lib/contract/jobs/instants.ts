import { z } from "zod";
import { transactionQuery, transactionSearchResult } from "../archive/transaction-search.ts";
import { faultRecord, runId, slug } from "../names.ts";
import { replayBoundary, wantedInstant } from "../recovery/instant.ts";
import { defineJob } from "./definition.ts";

/** How long a worker looks for an answer, ms; the console waits a little longer. */
export const ANSWER_MS = 110_000;

/** To which exact place in the archive an instant leads, and from which full. Nothing is changed. */
export const resolveInstant = defineJob({
  name: "resolve-instant",
  lane: "control",
  payload: z.strictObject({
    server: slug,
    wanted: wantedInstant,
    /** GTIDs of transactions that are left out. */
    skip: z.array(z.string().max(120)).max(20),
    /** Only this full; absent = of the proven ones before the instant the one with the fastest road, else of all. */
    setId: runId.optional(),
    /** A new server is made of data files only; absent = schemas of a server that runs. */
    into: z.enum(["instance", "server"]).optional(),
  }),
  result: z.discriminatedUnion("ok", [
    z.object({ ok: z.literal(true), setId: runId, boundary: replayBoundary }),
    z.object({ ok: z.literal(false), faults: z.array(faultRecord).min(1) }),
  ]),
  attempts: 1,
  validSeconds: 180,
});

/** Transactions of a server's archive; the danger list. */
export const searchTransactions = defineJob({
  name: "search-transactions",
  lane: "control",
  payload: transactionQuery,
  result: transactionSearchResult,
  attempts: 1,
  validSeconds: 180,
});
