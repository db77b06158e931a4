import type { SegmentIndex } from "#lib/contract/archive/segment.ts";
import type { RecoveryReport } from "#lib/contract/archive/window.ts";
import { stepsOf } from "#lib/domain/binlog/clock-steps.ts";
import { newestBands } from "#lib/domain/binlog/newest-bands.ts";
import { recoveryWindow } from "#lib/domain/binlog/recovery-window.ts";
import type { RecoveryPoint } from "#lib/domain/binlog/starting-place.ts";
import { asFault, faultRecord } from "#lib/domain/fault/fault.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { archivedServers } from "#worker/pipelines/archive/index.ts";
import { pause } from "#worker/pipelines/archive/server-archive.ts";
import { readStatus } from "#worker/pipelines/archive/write-status.ts";
import { listSetKeys, readSetAnywhere } from "#worker/pipelines/catalog/read-set.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { archivedSegments, inLogOrder } from "./archived-segments.ts";
import { ReadBacks } from "./read-backs.ts";
import { pointOf } from "./survey.ts";

/** The archive's own status is looked at this often; destinations are listed when it moved, and at least every {@link LIST_MS}. */
const LOOK_MS = 2_000;
const LIST_MS = 60_000;
/** A set that no restore test has judged is read again after this long: its verdict may have come. */
const VERDICT_MS = 300_000;
/** Newest stretches that are told. */
const MOST_BANDS = 50;
const MOST_STEPS = 5;

/** What was read of a server's destinations; manifests and descriptions never change under their keys. */
interface Known {
  readonly segments: Map<string, SegmentIndex>;
  readonly points: Map<string, { readonly point: RecoveryPoint | null; readonly until: number; /** Differential: the full that it needs. */ readonly parent: string | null }>;
  /** Of the archive's status, when the destinations were last listed. */
  mark: string;
  listedAt: number;
  window: Pick<RecoveryReport, "at" | "bands" | "gaps" | "bandsLeftOut" | "clockSteps">;
  trouble: RecoveryReport["trouble"];
  readonly readBacks: ReadBacks;
}

/** From when to when each archived server can be brought back, worked out again whenever its archive has moved. */
export class RecoveryReports {
  readonly #host: HostRuntime;
  readonly #servers = new Map<string, Known>();

  constructor(host: HostRuntime) {
    this.#host = host;
  }

  /** As it was last worked out, with the archive's status of this moment. */
  all(): RecoveryReport[] {
    return [...this.#servers].map(([server, { window, trouble, readBacks }]) => {
      const status = readStatus(this.#host, server);
      const { source } = status ?? {};
      return {
        server,
        ...window,
        complete: source != null && (status?.copies ?? []).some(({ reaches }) => reaches?.file === source.file && reaches.position >= source.position),
        archive: status?.state ?? "starting",
        lagBytes: status?.lagBytes ?? null,
        readBack: readBacks.all(),
        trouble: status?.trouble ?? trouble ?? status?.heartbeatTrouble ?? null,
      };
    });
  }

  /** Until the signal, which ends what is asked of a destination that is away as well. Never fails: what goes wrong is told in the report, and tried again. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.refresh(signal);
      } catch (error) {
        this.#host.log.error({ err: error }, "recovery windows cannot be told");
      }
      await pause(signal, LOOK_MS);
    }
  }

  /** Works out what is due; nothing more once the signal has come. */
  async refresh(signal = new AbortController().signal): Promise<void> {
    const servers = archivedServers(this.#host);
    for (const server of this.#servers.keys()) if (!servers.includes(server)) this.#servers.delete(server);
    for (const server of servers) {
      if (signal.aborted) return;
      const known = this.#servers.get(server) ?? { segments: new Map(), points: new Map(), mark: "", listedAt: 0, window: { at: null, bands: [], gaps: [], bandsLeftOut: 0 }, trouble: null, readBacks: new ReadBacks(this.#host) };
      this.#servers.set(server, known);
      const now = this.#host.clock.now();
      const mark = JSON.stringify(readStatus(this.#host, server)?.copies.map(({ lastClosed, reaches }) => [lastClosed, reaches]) ?? null);
      if (mark === known.mark && now - known.listedAt < LIST_MS) continue;
      await this.#list(server, known, now, signal);
      known.mark = mark;
      known.listedAt = now;
    }
  }

  async #list(server: string, known: Known, now: number, signal: AbortSignal): Promise<void> {
    const host = this.#host;
    const destinations = openDestinations(host, host.settings.destinations.map(({ name }) => name), signal);
    const close = async (): Promise<void> => void (await Promise.allSettled(destinations.map((destination) => destination.close())));
    signal.addEventListener("abort", close, { once: true });
    try {
      const segments = await archivedSegments(host, destinations, server, known.segments);
      const points = await this.#points(destinations, server, known, { now, signal });
      const { bands, gaps, bandsLeftOut } = newestBands(recoveryWindow(points, segments.map(({ index }) => index)), MOST_BANDS);
      known.window = { at: new Date(now).toISOString(), bands: [...bands], gaps: [...gaps], bandsLeftOut, clockSteps: stepsOf(inLogOrder(segments).map(({ index }) => index)).slice(-MOST_STEPS) };
      known.trouble = null;
      await known.readBacks.refresh(destinations, segments, signal);
    } catch (error) {
      known.trouble = faultRecord(asFault(error));
    } finally {
      signal.removeEventListener("abort", close);
      await close();
    }
  }

  /** Sets that can be restored: everything but refused ones, and differentials whose full is gone. A set that cannot be read is no point. */
  async #points(destinations: readonly Destination[], server: string, known: Known, { now, signal }: { readonly now: number; readonly signal: AbortSignal }): Promise<RecoveryPoint[]> {
    const ids = new Set<string>();
    for (const destination of destinations) {
      try {
        for (const key of await listSetKeys(destination, server)) ids.add(key.setId);
      } catch (error) {
        this.#host.log.debug({ destination: destination.id, fault: asFault(error).code }, "sets not listed here");
      }
    }
    for (const id of known.points.keys()) if (!ids.has(id)) known.points.delete(id);
    for (const id of ids) {
      signal.throwIfAborted();
      if (now < (known.points.get(id)?.until ?? 0)) continue;
      try {
        const set = await readSetAnywhere(this.#host, destinations, server, id);
        const level = set.verification?.level;
        const settled = level === "proven" || level === "refused";
        known.points.set(id, { point: level === "refused" ? null : pointOf(set), until: settled ? Number.POSITIVE_INFINITY : now + VERDICT_MS, parent: set.signed.manifest.parent?.setId ?? null });
      } catch (error) {
        this.#host.log.debug({ setId: id, fault: asFault(error).code }, "set passed over");
        known.points.set(id, { point: null, until: now + LIST_MS, parent: null });
      }
    }
    return [...known.points.values()].flatMap(({ point, parent }) => (point && (parent === null || ids.has(parent)) ? point : []));
  }
}
