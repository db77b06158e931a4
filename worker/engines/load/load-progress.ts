import { quotePath } from "#lib/domain/backup/sql-name.ts";
import type { LoadableArtifact } from "./load-artifact.ts";

export interface LoadProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly tablesDone: number;
  readonly tablesTotal: number;
  /** What was finished or begun last. */
  readonly item: string;
}

/** Counts what is loaded and tells of it. */
export interface Counter {
  readonly add: (bytes: number) => void;
  begin(item: string): void;
  finish(artifact: LoadableArtifact): void;
  countDeferred(): void;
  deferred(): number;
  bytes(): number;
}

/** A table that stands in several artifacts, in ranges, is done with its last. */
export function progressCounter(artifacts: readonly LoadableArtifact[], onProgress?: (progress: LoadProgress) => void): Counter {
  const bytesTotal = artifacts.reduce((sum, { bytes }) => sum + bytes, 0);
  /** Artifacts of each table that are still to come. */
  const left = new Map<string, number>();
  const tablesOf = ({ schema = "", tables = [] }: LoadableArtifact): string[] => tables.map((table) => quotePath(schema, table));
  for (const path of artifacts.flatMap(tablesOf)) left.set(path, (left.get(path) ?? 0) + 1);
  const tablesTotal = left.size;
  let [bytesDone, tablesDone, deferred, item] = [0, 0, 0, ""];
  const tell = (): void => onProgress?.({ bytesDone, bytesTotal, tablesDone, tablesTotal, item });
  return {
    add: (bytes) => {
      bytesDone += bytes;
      tell();
    },
    begin: (name) => {
      item = name;
      tell();
    },
    finish: (artifact) => {
      for (const path of tablesOf(artifact)) {
        const more = (left.get(path) ?? 1) - 1;
        left.set(path, more);
        if (more === 0) tablesDone += 1;
      }
      tell();
    },
    countDeferred: () => {
      deferred += 1;
    },
    deferred: () => deferred,
    bytes: () => bytesDone,
  };
}
