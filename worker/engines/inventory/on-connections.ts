import type { Connection } from "mysql2/promise";
import type { Inventory, TableEntry } from "#lib/contract/manifest/manifest.ts";
import { Fault } from "#lib/domain/fault/fault.ts";

/** Work of one connection: `cost` orders it, greatest first, so that the last to end is small. */
export interface Task {
  readonly cost: number;
  run(connection: Connection): Promise<void>;
}

/** What surrounds each task. */
export interface Surroundings {
  readonly signal?: AbortSignal | undefined;
  /** Before each statement that reads rows; it waits for what this returns. */
  readonly before?: (() => Promise<void> | undefined) | undefined;
  /** After each table, or range of it, on the connection that read it. */
  readonly after?: ((connection: Connection) => Promise<void>) | undefined;
}

/**
 * Does the tasks, each connection one at a time; `before` is awaited before each, `after` once it is done. Ends at the first failure or when the signal aborts; statements that still run
 * then end with their connection, which the caller closes.
 * @throws Fault CANCELLED
 */
export async function onConnections(connections: readonly Connection[], tasks: readonly Task[], { signal, before, after }: Surroundings = {}): Promise<void> {
  const waiting = [...tasks].sort((a, b) => a.cost - b.cost);
  let failed = false;
  const work = async (connection: Connection): Promise<void> => {
    for (let task = waiting.pop(); task && !failed; task = waiting.pop()) {
      try {
        await before?.();
        await task.run(connection);
        await after?.(connection);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const cancelled = Promise.withResolvers<never>();
  const cancel = () => {
    failed = true;
    cancelled.reject(new Fault("CANCELLED"));
  };
  if (signal?.aborted) throw new Fault("CANCELLED");
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    await Promise.race([Promise.all(connections.map(work)), cancelled.promise]);
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

/** The inventory with each table replaced by what `change` makes of it. */
export function withTables(inventory: Inventory, change: (schema: string, table: TableEntry) => TableEntry): Inventory {
  return { ...inventory, schemas: inventory.schemas.map((schema) => ({ ...schema, tables: schema.tables.map((table) => change(schema.name, table)) })) };
}

/** Key of a table in a map; no name holds a NUL. */
export function tableKey(schema: string, table: string): string {
  return `${schema}\0${table}`;
}
