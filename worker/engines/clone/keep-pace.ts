import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";

/** The recipient is told anew so often how fast it may be, ms. */
const PACE_MS = 500;
const MIB = 1024 * 1024;

/** How fast something may be copied, from one moment to the next. */
export interface Speed {
  /** Null: as fast as it can; 0: the least there is. */
  readonly bytesPerSecond: number | null;
}

/**
 * Sets a clone's bandwidth on its recipient until `end`, each time the limit is another one. What it cannot be told is lost with it: the copy itself will say what is
 * wrong, and nothing is thrown.
 */
export function keepPace(recipient: ServerAccess, speed: Speed): { end(): Promise<void> } {
  let told = 0;
  let asking: Promise<void> = Promise.resolve();
  const tell = async (): Promise<void> => {
    const limit = speed.bytesPerSecond;
    // 0: none. Whole MiB a second; one is the least.
    const wanted = limit === null ? 0 : Math.max(1, Math.floor(limit / MIB));
    if (wanted === told) return;
    const connection = await connect(recipient);
    await connection.query(`SET GLOBAL clone_max_data_bandwidth = ${wanted}`).finally(() => connection.destroy());
    told = wanted;
  };
  const ask = (): void => {
    asking = asking.then(tell).catch(() => undefined);
  };
  const timer = setInterval(ask, PACE_MS);
  ask();
  return {
    async end() {
      clearInterval(timer);
      await asking;
    },
  };
}
