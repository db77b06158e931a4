import type { Connection } from "mysql2/promise";

/** Small schemas beside the one large one: shares of both kinds are dumped. */
const TABLES_PER_SMALL_SCHEMA = 100;

/**
 * `count` small tables: half of them in one schema, the rest in schemas of a hundred. Some refer to a neighbour, have a trigger, or are read by a view: what
 * costs something per object is there in number. Every connection makes its part; none of them may write a binary log.
 */
export async function fillManyTables(connections: readonly Connection[], count: number): Promise<void> {
  const [first] = connections;
  const places = Array.from({ length: count }, (_, index) => placeOf(index, count));
  for (const schema of new Set(places.map((place) => place.schema))) await first?.query(`CREATE DATABASE ${schema} CHARACTER SET utf8mb4`);
  await Promise.all(connections.map(async (connection, turn) => {
    for (const [index, { schema, name, previous }] of places.entries()) {
      if (index % connections.length !== turn) continue;
      const path = `${schema}.${name}`;
      const reference = index % 10 === 9 && previous ? `, CONSTRAINT ${name}_fk FOREIGN KEY (riferimento) REFERENCES ${schema}.${previous} (id)` : "";
      await connection.query(`CREATE TABLE ${path} (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, codice VARCHAR(40) NOT NULL, riferimento INT UNSIGNED, quando DATETIME NOT NULL, KEY ix_codice (codice), KEY ix_riferimento (riferimento)${reference})`);
      await connection.query(`INSERT INTO ${path} (codice, quando) VALUES ('${name} uno', '2026-01-01 10:00:00'), ('perché «${index}»', '2026-06-01 11:30:00')`);
      if (index % 50 === 1) await connection.query(`CREATE TRIGGER ${schema}.${name}_tr BEFORE UPDATE ON ${path} FOR EACH ROW SET NEW.quando = OLD.quando`);
      if (index % 50 === 2) await connection.query(`CREATE VIEW ${schema}.${name}_v AS SELECT id, codice FROM ${path}`);
    }
  }));
}

function placeOf(index: number, count: number): { schema: string; name: string; previous: string | null } {
  const name = (at: number): string => `tabella_${String(at).padStart(5, "0")}`;
  const large = Math.ceil(count / 2);
  if (index < large) return { schema: "molte", name: name(index), previous: index === 0 ? null : name(index - 1) };
  const at = index - large;
  return { schema: `cliente_${String(Math.floor(at / TABLES_PER_SMALL_SCHEMA)).padStart(3, "0")}`, name: name(index), previous: at % TABLES_PER_SMALL_SCHEMA === 0 ? null : name(index - 1) };
}
