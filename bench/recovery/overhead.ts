import { childrenOf } from "#worker/testing/processes.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { cpuOf } from "../measure.ts";
import { median } from "../report.ts";
import { quantile } from "./lag.ts";
import { commitSmall, type Committed } from "./small-load.ts";

/** With and without the stream in turn, so many times each, seconds each: a busy server's open file is sealed every 15 s, so that each of them holds one sealing. Pairs differ by ten per cent: their median needs some. */
const PAIRS = 8;
const PAIR_SECONDS = 16;
/** Before each, until what was just started runs as it does for months. */
const SETTLE_SECONDS = 6;

export interface OverheadScene {
  readonly access: ServerAccess;
  readonly serverPid: number;
  readonly sessions: number;
  /** Transactions a second; absent: as many as the server takes. */
  readonly rate: number | undefined;
  /** A new binary log: what the stream must catch up with first is little. */
  rotate(): Promise<void>;
  /** Starts the archive and waits until it has caught up; gives its process. */
  start(): Promise<number>;
  stop(): Promise<void>;
}

interface Sample extends Committed {
  /** User and system milliseconds for each thousand transactions. */
  readonly serverCpu: number;
  /** Cores that the archive and its programs kept busy. */
  readonly archiveCores: number;
}

/**
 * How much slower a server is with the stream than without, in turn in one run: by its rate when it gives all it can, by the median answer at a fixed rate. Beside it the server's CPU for the
 * same work, and what the archive itself took.
 */
export async function benchOverhead(scene: OverheadScene, say: (text: string) => void): Promise<Record<string, number>> {
  const { rate } = scene;
  const pairs: { plain: Sample; streamed: Sample }[] = [];
  for (let pair = 1; pair <= PAIRS; pair += 1) {
    await scene.rotate();
    // Which comes first changes: what grows over time touches both alike.
    const order = pair % 2 === 1 ? [true, false] : [false, true];
    const found = new Map<boolean, Sample>();
    for (const streamed of order) {
      await scene.stop();
      found.set(streamed, await sample(scene, streamed ? await scene.start() : null));
    }
    await scene.stop();
    const [plain, streamed] = [found.get(false), found.get(true)];
    if (!plain || !streamed) throw new Error("nothing was measured");
    pairs.push({ plain, streamed });
    say(`pair ${pair}: without and with the stream ${told(plain)} | ${told(streamed)}, the archive ${streamed.archiveCores.toFixed(2)} cores`);
  }
  const ratio = (of: (one: Sample) => number): number => round(median(pairs.map(({ plain, streamed }) => of(streamed) / of(plain))));
  const of = (share: number) => ({ answers }: Sample): number => quantile(answers, share);
  return {
    archive_overhead: rate ? ratio(of(0.5)) : ratio(({ perSecond }) => 1 / perSecond),
    archive_answer_p50: ratio(of(0.5)), archive_answer_p99: ratio(of(0.99)),
    archive_server_cpu: ratio(({ serverCpu }) => serverCpu), archive_cores: round(median(pairs.map(({ streamed }) => streamed.archiveCores))),
  };
}

async function sample({ access, serverPid, sessions, rate }: OverheadScene, archive: number | null): Promise<Sample> {
  await commitSmall(access, { sessions, seconds: SETTLE_SECONDS, rate });
  const before = { server: cpuOf(serverPid), archive: archive ? treeCpu(archive) : 0, at: performance.now() };
  const committed = await commitSmall(access, { sessions, seconds: PAIR_SECONDS, rate });
  const seconds = (performance.now() - before.at) / 1000;
  return { ...committed, serverCpu: ((cpuOf(serverPid) - before.server) * 1e6) / committed.transactions, archiveCores: archive ? (treeCpu(archive) - before.archive) / seconds : 0 };
}

function treeCpu(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + treeCpu(child), cpuOf(pid, true));
}

function told({ perSecond, answers, serverCpu }: Sample): string {
  return `${perSecond.toFixed(0)} a second, answers ${quantile(answers, 0.5).toFixed(2)} and ${quantile(answers, 0.99).toFixed(2)} ms, server ${serverCpu.toFixed(0)} ms for a thousand`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
