import { PrismaPg } from "@prisma/adapter-pg";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Secret } from "#lib/platform/secret.ts";
import { PrismaClient } from "./generated/client.ts";

export interface DatabaseOptions {
  readonly url: Secret;
  /** Most connections at once; 10 unless given. */
  readonly connections?: number;
}

/**
 * The metadata database. Connects on first use, reconnects by itself after PostgreSQL was away.
 * Queries reject with Fault CATALOG_UNREACHABLE while it cannot be reached.
 */
export function openDatabase(options: DatabaseOptions) {
  const adapter = new PrismaPg({
    connectionString: options.url.reveal(),
    max: options.connections ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
  });
  return new PrismaClient({ adapter }).$extends({
    query: {
      $allOperations: async ({ args, query }) => {
        try {
          return await query(args);
        } catch (error) {
          throw catalogFault(error);
        }
      },
    },
  });
}

export type Database = ReturnType<typeof openDatabase>;
/** What the callback of `transaction` gets. */
export type Transaction = Parameters<Parameters<Database["$transaction"]>[0]>[0];
/** For functions that may run inside or outside a transaction. */
export type Store = Database | Transaction;

/** All or nothing; 15 s at most. Rejects with what the callback threw, or Fault CATALOG_UNREACHABLE. */
export async function transaction<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  try {
    return await db.$transaction(work, { maxWait: 5_000, timeout: 15_000 });
  } catch (error) {
    throw catalogFault(error);
  }
}

/** Answer time of the database, milliseconds. */
export async function pingDatabase(db: Database): Promise<number> {
  const began = performance.now();
  await db.$queryRaw`SELECT 1`;
  return Math.round((performance.now() - began) * 10) / 10;
}

const UNREACHABLE = /ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|ETIMEDOUT|Connection terminated|connection timeout|timeout exceeded when trying to connect|Can't reach database server|starting up|shutting down|57P0[123]|DatabaseNotReachable|SocketTimeout|ConnectionClosed/i;

function catalogFault(error: unknown): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : "";
  if (/^P10(01|02|08|17)$|^P2024$|^P2028$/.test(code) || UNREACHABLE.test(`${code} ${error.message}`)) {
    return new Fault("CATALOG_UNREACHABLE", { cause: error });
  }
  return error;
}
