import type { DataStream } from "#lib/contract/manifest/manifest.ts";
import type { Flavor } from "#lib/contract/names.ts";
import { openOutputSocket } from "#worker/exec/output-socket.ts";
import { pieceKey } from "#lib/domain/backup/differential.ts";
import { type DumpShare, partitionTables, type SizedTable } from "#lib/domain/backup/partition.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { inLanes } from "#worker/streams/in-lanes.ts";
import { dataArgs } from "./args.ts";
import { shareLogin } from "./client-login.ts";
import { readDataStream } from "./data-stream.ts";
import { startDump } from "./dump-child.ts";
import { dumpProgram } from "./dump-program.ts";

/**
 * Dumps tables to nowhere and digests each one's rows as a backup would: on a server restored from the backup the digests must be the manifest's.
 * Keyed by `pieceKey`: `schema\0table`, or that of a range. For isolated servers only: no lock is taken.
 */
export async function digestTables(options: {
  readonly access: ServerAccess;
  readonly flavor: Flavor;
  readonly client: ClientTools;
  readonly tables: readonly SizedTable[];
  readonly streams: number;
  /** Schemas that must be given by table name (a broken view in them would end the dump program). */
  readonly neverWhole?: ReadonlySet<string>;
  readonly signal: AbortSignal;
  readonly onBytes?: (bytes: number, item: string) => void;
}): Promise<Map<string, DataStream>> {
  const digests = new Map<string, DataStream>();
  const program = await dumpProgram(options.flavor, options.client);
  let item = "";
  const digest = async (share: DumpShare, signal: AbortSignal): Promise<void> => {
    const range = share.kind === "tables" ? share.range : undefined;
    const socket = await openOutputSocket();
    const child = startDump({
      socket,
      program: options.client.mysqldump,
      args: dataArgs(options.flavor, share, { binlog: false, program }),
      login: shareLogin(options.access, options.flavor, share),
      pluginDir: options.client.pluginDir,
      signal,
    });
    await readDataStream(child.output, share.kind === "tables" ? share.schema : null, {
      begin(schema, table) {
        item = `${schema}.${table}`;
      },
      rows(piece) {
        options.onBytes?.(piece.length, item);
        return undefined;
      },
      end: (schema, table, stream) => void digests.set(pieceKey(schema, table, range), stream),
    });
    await child.settle();
  };
  // Ranges may be many: a child begins when another has ended.
  await inLanes(partitionTables(options.tables, options.streams, options.neverWhole), options.streams, options.signal, (share, _index, signal) => digest(share, signal));
  return digests;
}
