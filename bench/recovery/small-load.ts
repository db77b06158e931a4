import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";

/**
 * Commits small transactions from so many sessions as fast as the server takes them, for so long; gives how many a second. The table is made when it is not there.
 */
export async function commitSmall(access: ServerAccess, sessions: number, seconds: number): Promise<number> {
  const connections = await Promise.all(Array.from({ length: sessions }, () => connect(access)));
  try {
    await connections[0]?.query("CREATE DATABASE IF NOT EXISTS bench_load");
    await connections[0]?.query("CREATE TABLE IF NOT EXISTS bench_load.orders (id INT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, note VARCHAR(200) NOT NULL)");
    const began = performance.now();
    let count = 0;
    await Promise.all(connections.map(async (connection) => {
      while (performance.now() - began < seconds * 1000) {
        await connection.query(`INSERT INTO bench_load.orders (customer, note) VALUES (${count % 1000}, 'order ${count}, to be brought to the usual place')`);
        count += 1;
      }
    }));
    return count / ((performance.now() - began) / 1000);
  } finally {
    for (const connection of connections) connection.destroy();
  }
}
