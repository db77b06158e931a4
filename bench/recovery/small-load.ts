import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";

export interface SmallLoad {
  readonly sessions: number;
  readonly seconds: number;
  /** Transactions a second, begun evenly; absent: as many as the server takes. */
  readonly rate?: number | undefined;
  /** Ends it sooner. */
  readonly stop?: AbortSignal | undefined;
}

/** What a load came to. */
export interface Committed {
  readonly perSecond: number;
  readonly transactions: number;
  /** From a statement's sending to its answer, milliseconds, sorted. */
  readonly answers: readonly number[];
}

/** Commits small transactions from so many sessions, for so long. The table is made when it is not there. */
export async function commitSmall(access: ServerAccess, { sessions, seconds, rate, stop }: SmallLoad): Promise<Committed> {
  const connections = await Promise.all(Array.from({ length: sessions }, () => connect(access)));
  try {
    await connections[0]?.query("CREATE DATABASE IF NOT EXISTS bench_load");
    await connections[0]?.query("CREATE TABLE IF NOT EXISTS bench_load.orders (id INT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, note VARCHAR(200) NOT NULL)");
    const began = performance.now();
    const answers: number[] = [];
    let next = 0;
    await Promise.all(connections.map(async (connection) => {
      for (;;) {
        const number = next;
        next += 1;
        if (rate) await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + (number / rate) * 1000 - performance.now())));
        const sent = performance.now();
        if (sent - began >= seconds * 1000 || stop?.aborted) return;
        await connection.query(`INSERT INTO bench_load.orders (customer, note) VALUES (${number % 1000}, 'order ${number}, to be brought to the usual place')`);
        answers.push(performance.now() - sent);
      }
    }));
    const perSecond = answers.length / ((performance.now() - began) / 1000);
    return { perSecond, transactions: answers.length, answers: answers.sort((a, b) => a - b) };
  } finally {
    for (const connection of connections) connection.destroy();
  }
}
