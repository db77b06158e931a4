import { draw, numbers, pick } from "#scripts/demo/numbers.ts";

const WORDS = ["consegna", "ritiro", "magazzino", "bancale", "cliente", "urgente", "Forlì", "qualità", "fragile", "ricevuta", "verificato", "attesa", "piazzale", "n° 12", "€ 48,50", "perché", "Cantù", "targa", "doganale", "rientro"];

/** One large table: its share of the data and what one row weighs in InnoDB (measured, bytes). */
export interface LargeTable {
  readonly name: string;
  readonly share: number;
  readonly rowBytes: number;
  readonly ddl: string;
  /** INSERT of rows first … first+count-1. */
  readonly fill: (first: number, count: number) => string;
}

const words = (salt: number, count: number) => Array.from({ length: count }, (_, i) => pick("n", salt + i, WORDS)).join(", ' ', ");

/** Narrow and wide, numeric and text, with keys as in the field: what a logistics database holds most of. */
export const LARGE_TABLES: readonly LargeTable[] = [
  {
    name: "bench.tracce", share: 0.3, rowBytes: 76,
    ddl: `CREATE TABLE bench.tracce (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, mezzo INT UNSIGNED NOT NULL, rilevata DATETIME(3) NOT NULL, lat DECIMAL(9,6) NOT NULL, lon DECIMAL(9,6) NOT NULL, velocita DOUBLE NOT NULL, stato VARCHAR(12) NOT NULL, nodo VARBINARY(16) NOT NULL, KEY ix_mezzo (mezzo, rilevata))`,
    fill: (first, count) => `INSERT INTO bench.tracce SELECT n, ${draw("n", 1, 900)}, TIMESTAMP '2026-01-01 00:00:00' + INTERVAL n SECOND, 37 + ${draw("n", 2, 9000000)} / 1000000, 7 + ${draw("n", 3, 9000000)} / 1000000, ${draw("n", 4, 1100)} / 9.97e0, ${pick("n", 5, ["fermo", "in marcia", "sosta"])}, UNHEX(LEFT(SHA2(n, 256), 20)) FROM ${numbers(first, count)}`,
  },
  {
    name: "bench.spedizioni", share: 0.3, rowBytes: 285,
    ddl: `CREATE TABLE bench.spedizioni (id INT UNSIGNED NOT NULL PRIMARY KEY, codice CHAR(16) CHARACTER SET ascii NOT NULL, cliente INT UNSIGNED NOT NULL, destinatario VARCHAR(80) NOT NULL, indirizzo VARCHAR(160) NOT NULL, note VARCHAR(250), importo DECIMAL(10,2) NOT NULL, peso DECIMAL(9,3) NOT NULL, stato ENUM('aperta','in viaggio','consegnata') NOT NULL, creata DATETIME(6) NOT NULL, UNIQUE KEY uq_codice (codice), KEY ix_cliente (cliente, creata), CONSTRAINT fk_cliente FOREIGN KEY (cliente) REFERENCES bench.clienti (id))`,
    fill: (first, count) => `INSERT INTO bench.spedizioni SELECT n, CONCAT('SP', LPAD(n, 14, '0')), 1 + ${draw("n", 10, 5000)}, CONCAT('Ditta ', ${words(11, 2)}, ' ', ${draw("n", 13, 99999)}), CONCAT('Via ', ${words(14, 4)}, ', ', ${draw("n", 18, 400)}), CONCAT(${words(20, 11)}, ' ', LEFT(SHA2(n, 256), 24)), ${draw("n", 31, 900000)} / 100, ${draw("n", 32, 9000000)} / 1000, 1 + n % 3, TIMESTAMP '2026-01-01 00:00:00.000001' + INTERVAL n * 7 SECOND FROM ${numbers(first, count)}`,
  },
  {
    name: "bench.righe", share: 0.2, rowBytes: 59,
    ddl: `CREATE TABLE bench.righe (documento INT UNSIGNED NOT NULL, riga SMALLINT UNSIGNED NOT NULL, prodotto INT UNSIGNED NOT NULL, quantita DECIMAL(10,3) NOT NULL, prezzo DECIMAL(10,4) NOT NULL, sconto DECIMAL(5,2) NOT NULL, causale CHAR(4) CHARACTER SET ascii NOT NULL, PRIMARY KEY (documento, riga), KEY ix_prodotto (prodotto))`,
    fill: (first, count) => `INSERT INTO bench.righe SELECT 1 + FLOOR((n - 1) / 10), 1 + (n - 1) % 10, ${draw("n", 40, 200000)}, ${draw("n", 41, 900000)} / 1000, ${draw("n", 42, 90000000)} / 10000, ${draw("n", 43, 5000)} / 100, ${pick("n", 44, ["VEND", "RESO", "OMAG"])} FROM ${numbers(first, count)}`,
  },
  {
    name: "bench_eventi.eventi", share: 0.2, rowBytes: 475,
    ddl: `CREATE TABLE bench_eventi.eventi (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, quando TIMESTAMP(6) NOT NULL, tipo VARCHAR(24) NOT NULL, dettaglio JSON NOT NULL, firma BINARY(32) NOT NULL, KEY ix_quando (quando))`,
    fill: (first, count) => `INSERT INTO bench_eventi.eventi SELECT n, TIMESTAMP '2026-01-01 00:00:00.5' + INTERVAL n * 3 SECOND, ${pick("n", 50, WORDS)}, CONCAT('{"utente": ', ${draw("n", 51, 4000)}, ', "testo": "', ${words(52, 20)}, '", "impronte": ["', SHA2(n, 256), '", "', SHA2(n + 0.5, 256), '"], "voci": [', ${draw("n", 72, 999)}, ', ', ${draw("n", 73, 999)}, '.5], "ok": true}'), UNHEX(SHA2(CONCAT('f', n), 256)) FROM ${numbers(first, count)}`,
  },
];

/** Small tables: every backup also pays per table. */
export const SMALL_TABLES: readonly { readonly ddl: string; readonly fill: string }[] = [
  {
    ddl: "CREATE TABLE bench.clienti (id INT UNSIGNED NOT NULL PRIMARY KEY, nome VARCHAR(80) NOT NULL)",
    fill: `INSERT INTO bench.clienti SELECT n, CONCAT('Cliente ', n) FROM ${numbers(1, 5000)}`,
  },
  ...Array.from({ length: 20 }, (_, i) => ({
    ddl: `CREATE TABLE bench_eventi.piccola_${i} (id INT PRIMARY KEY, v VARCHAR(60), KEY (v))`,
    fill: `INSERT INTO bench_eventi.piccola_${i} SELECT n, CONCAT('voce ', n, ' ', ${pick("n", i, WORDS)}) FROM ${numbers(1, 500)}`,
  })),
];

/** A view, routines and triggers, so that the options of the customer's script have something to do. */
export const PROGRAMS: readonly string[] = [
  "CREATE VIEW bench.v_aperte AS SELECT s.id, s.codice, c.nome FROM bench.spedizioni s JOIN bench.clienti c ON c.id = s.cliente WHERE s.stato = 'aperta'",
  "CREATE FUNCTION bench.lordo(netto DECIMAL(12,2)) RETURNS DECIMAL(12,2) DETERMINISTIC RETURN ROUND(netto * 1.22, 2)",
  "CREATE PROCEDURE bench.conta() READS SQL DATA SELECT COUNT(*) FROM bench.spedizioni",
  "CREATE TRIGGER bench.tr_spedizioni BEFORE UPDATE ON bench.spedizioni FOR EACH ROW SET NEW.note = COALESCE(NEW.note, OLD.note)",
];
