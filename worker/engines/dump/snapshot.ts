import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Coordinate, SourceServer } from "#lib/contract/manifest/manifest.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { series } from "#worker/engines/server/identify.ts";
import { connect, connectionFault, type ServerAccess } from "#worker/engines/server/connect.ts";
import { endConnections } from "./end-connections.ts";
import { abortFault } from "#worker/exec/run.ts";

const PING_MS = 10_000;

export interface SnapshotOptions {
  /** Writers wait for no longer than this, seconds: for the lock to be granted and while it is held. */
  readonly lockTimeoutSeconds: number;
  /** A statement running longer than this stops the backup before any lock is asked for, seconds. */
  readonly longQuerySeconds: number;
  /** Connections that stand in the same snapshot, for counts and fingerprints. */
  readonly readers: number;
  /** Aborting ends every connection at once, whatever it waits for. */
  readonly signal: AbortSignal;
  /** The coordinator's connection is gone, and with it the protection: nothing dumped after this can be used. */
  readonly onLost: (fault: Fault) => void;
}

/** One point in time of a server, held by open transactions. */
export interface Snapshot {
  readonly coordinate: Coordinate | null;
  /** Epoch milliseconds of the server's clock at the lock. */
  readonly takenAt: number;
  /** How long writers were held, milliseconds. */
  readonly lockHeldMs: number;
  /** Connections inside the snapshot, read only. */
  readonly readers: readonly Connection[];
  /** Was structure change impossible during the whole dump? False without BACKUP_ADMIN and on MariaDB. */
  readonly structureLocked: boolean;
  /** Throws SERVER_CONNECTION_LOST if the coordinator lost its connection meanwhile: the protection was gone. */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}

/**
 * The coordinator of a consistent parallel dump: holds structure changes off, takes the short global read lock, reads the coordinate, lets
 * `enter` bring every dump child into its snapshot and `underLock` copy what does not keep to snapshots, then frees writers.
 * Faults LONG_QUERY, LOCK_TIMEOUT, SERVER_GRANT_MISSING, SERVER_CONNECTION_LOST.
 */
export class SnapshotCoordinator {
  readonly #access: ServerAccess;
  readonly #server: SourceServer;
  readonly #options: SnapshotOptions;
  #connection: Connection | undefined;
  #readers: Connection[] = [];
  #structureLocked = false;
  #ping: NodeJS.Timeout | undefined;
  #lost = false;
  #released = false;

  constructor(access: ServerAccess, server: SourceServer, options: SnapshotOptions) {
    this.#access = access;
    this.#server = server;
    this.#options = options;
  }

  /** First step: connections, long-query guard, structure changes held off. The inventory taken after this stays true (MySQL). */
  async holdStructure(): Promise<{ connection: Connection; structureLocked: boolean }> {
    this.#options.signal.addEventListener("abort", () => void this.release(), { once: true });
    const connection = await this.#open();
    this.#connection = connection;
    for (const event of ["end", "error"]) connection.on(event, () => this.#lose(connection));
    await connection.query("SET SESSION lock_wait_timeout = ?", [this.#options.lockTimeoutSeconds]);
    await this.#guardLongQueries(connection);
    if (this.#server.flavor === "mysql") this.#structureLocked = await this.#tryLock(connection, "LOCK INSTANCE FOR BACKUP");
    // Settled, not raced: one that is refused must not leave the others open behind it.
    const opened = await Promise.allSettled(Array.from({ length: this.#options.readers }, async () => void this.#readers.push(await this.#open())));
    for (const one of opened) if (one.status === "rejected") throw one.reason;
    this.#ping = setInterval(() => connection.query("SELECT 1").catch(() => this.#lose(connection)), PING_MS);
    this.#ping.unref();
    return { connection, structureLocked: this.#structureLocked };
  }

  /** Second step: the lock, the coordinate, everybody into the snapshot, the lock gone. */
  async take(enter: () => Promise<void>, underLock: () => Promise<void>): Promise<Snapshot> {
    const { lockTimeoutSeconds, signal } = this.#options;
    const stop = Promise.withResolvers<never>();
    // Each statement below may wait for the whole lock timeout, and a child for ever: all together they may not.
    const timer = setTimeout(() => stop.reject(new Fault("LOCK_TIMEOUT", { params: { seconds: lockTimeoutSeconds } })), lockTimeoutSeconds * 1000);
    const cancel = (): void => stop.reject(abortFault(signal));
    signal.addEventListener("abort", cancel, { once: true });
    try {
      if (signal.aborted) throw abortFault(signal);
      const standing = this.#stand(this.#held(), enter, underLock);
      standing.catch(() => undefined);
      return await Promise.race([standing, stop.promise]);
    } catch (error) {
      await this.release();
      throw error instanceof Fault ? error : connectionFault(this.#access.name, error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    }
  }

  async #stand(connection: Connection, enter: () => Promise<void>, underLock: () => Promise<void>): Promise<Snapshot> {
    const began = await this.#lockWrites(connection);
    const coordinate = await readCoordinate(connection, this.#server);
    const [[clock]] = await connection.query<RowDataPacket[]>("SELECT UNIX_TIMESTAMP(NOW(6)) AS t");
    await Promise.all([enter(), ...this.#readers.map(openSnapshot)]);
    // Every transaction was opened between two readings of the same place: all of them stand there.
    requireSamePlace(coordinate, await readCoordinate(connection, this.#server));
    await underLock();
    const lockHeldMs = await this.#unlockWrites(connection, began);
    return {
      coordinate,
      takenAt: Math.round(Number(clock?.t) * 1000),
      lockHeldMs,
      readers: this.#readers,
      structureLocked: this.#structureLocked,
      assertHeld: () => this.#assertHeld(),
      release: () => this.release(),
    };
  }

  /** Ends every connection; what locks and transactions they held goes with them. One that is busy or waits for a lock is killed on the server. */
  async release(): Promise<void> {
    this.#released = true;
    clearInterval(this.#ping);
    const all = [...(this.#connection ? [this.#connection] : []), ...this.#readers];
    this.#connection = undefined;
    this.#readers = [];
    await endConnections(this.#access, all);
  }

  async #open(): Promise<Connection> {
    const connection = await connect(this.#access);
    if (!this.#released) return connection;
    connection.destroy();
    throw abortFault(this.#options.signal);
  }

  #lose(connection: Connection): void {
    if (this.#lost || this.#connection !== connection) return;
    this.#lost = true;
    this.#options.onLost(new Fault("SERVER_CONNECTION_LOST", { params: { server: this.#access.name } }));
  }

  #held(): Connection {
    if (!this.#connection) throw new Fault("SERVER_CONNECTION_LOST", { params: { server: this.#access.name } });
    return this.#connection;
  }

  async #assertHeld(): Promise<void> {
    try {
      await this.#held().query("SELECT 1");
    } catch (cause) {
      throw new Fault("SERVER_CONNECTION_LOST", { params: { server: this.#access.name }, cause });
    }
    if (this.#lost) throw new Fault("SERVER_CONNECTION_LOST", { params: { server: this.#access.name } });
  }

  async #guardLongQueries(connection: Connection): Promise<void> {
    const [rows] = await connection.query<RowDataPacket[]>(
      "SELECT ID AS id, TIME AS seconds FROM information_schema.PROCESSLIST WHERE COMMAND IN ('Query', 'Execute') AND TIME > ? AND ID <> CONNECTION_ID() ORDER BY TIME DESC LIMIT 1",
      [this.#options.longQuerySeconds],
    );
    const longest = rows[0];
    if (longest) throw new Fault("LONG_QUERY", { params: { seconds: Number(longest.seconds), id: String(longest.id) } });
  }

  async #lockWrites(connection: Connection): Promise<number> {
    const statements =
      this.#server.flavor === "mysql"
        ? ["FLUSH LOCAL TABLES", "FLUSH TABLES WITH READ LOCK"]
        : ["BACKUP STAGE START", "BACKUP STAGE FLUSH", "BACKUP STAGE BLOCK_DDL", "BACKUP STAGE BLOCK_COMMIT"];
    let began = performance.now();
    try {
      for (const statement of statements) {
        began = performance.now();
        await connection.query(statement);
      }
    } catch (error) {
      throw this.#lockFault(error, statements.at(-1) as string);
    }
    return began;
  }

  async #unlockWrites(connection: Connection, began: number): Promise<number> {
    await connection.query(this.#server.flavor === "mysql" ? "UNLOCK TABLES" : "BACKUP STAGE END");
    return Math.round(performance.now() - began);
  }

  /** False when the account may not; other failures are faults. */
  async #tryLock(connection: Connection, statement: string): Promise<boolean> {
    try {
      await connection.query(statement);
      return true;
    } catch (error) {
      if ((error as { errno?: number }).errno === 1227) return false;
      throw this.#lockFault(error, statement);
    }
  }

  #lockFault(error: unknown, statement: string): Fault {
    const { errno, message } = error as { errno?: number; message?: string };
    if (errno === 1205) return new Fault("LOCK_TIMEOUT", { params: { seconds: this.#options.lockTimeoutSeconds }, cause: error });
    if (errno === 1227 || errno === 1045) {
      return new Fault("SERVER_GRANT_MISSING", { params: { grant: statement, statement: "GRANT FLUSH_TABLES, BACKUP_ADMIN ON *.* TO …" }, detail: String(message), cause: error });
    }
    return connectionFault(this.#access.name, error);
  }
}

/** Fault COORDINATE_MISMATCH when something was committed under the lock. */
function requireSamePlace(before: Coordinate | null, after: Coordinate | null): void {
  if (before?.file === after?.file && before?.position === after?.position && before?.gtidSet === after?.gtidSet) return;
  const text = (place: Coordinate | null): string => (place ? `${place.file}:${place.position}` : "none");
  throw new Fault("COORDINATE_MISMATCH", { params: { coordinates: `${text(before)}, ${text(after)}` } });
}

async function openSnapshot(connection: Connection): Promise<void> {
  await connection.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  await connection.query("START TRANSACTION /*!40100 WITH CONSISTENT SNAPSHOT */");
  await connection.query("SAVEPOINT salvagente");
}

/**
 * A reader of a snapshot lets go of the tables it has read, and stays in the snapshot (MariaDB that writes a binary log keeps them all the same: see watch-waits.ts). A transaction keeps the structure of every table it read until it ends; an ALTER or LOCK TABLES of others
 * would wait for that, a dump child that comes to the table for the ALTER, and the snapshot's end for the child: nobody would ever go on, the application neither.
 */
export async function letGo(reader: Connection): Promise<void> {
  await reader.query("ROLLBACK TO SAVEPOINT salvagente");
}

/** File, position and GTID set of the server as it stands; null where the binary log is off. Call under the global lock. */
export async function readCoordinate(connection: Connection, server: Pick<SourceServer, "flavor" | "version">): Promise<Coordinate | null> {
  const [major, minor] = series(server.version);
  const words = server.flavor === "mysql" && (major > 8 || (major === 8 && minor >= 2)) ? "BINARY LOG" : "MASTER";
  const [[row]] = await connection.query<RowDataPacket[]>(`SHOW ${words} STATUS`);
  if (!row) return null;
  const [[gtid]] = await connection.query<RowDataPacket[]>(server.flavor === "mysql" ? "SELECT @@GLOBAL.gtid_executed AS gtids" : "SELECT @@GLOBAL.gtid_binlog_pos AS gtids");
  return { file: String(row.File), position: String(row.Position), gtidSet: String(gtid?.gtids ?? "").replace(/\s+/g, "") || null };
}
