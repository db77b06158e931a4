import { parseArgs } from "node:util";
import mysql, { type Connection, type ConnectionOptions, type ResultSetHeader, type RowDataPacket } from "mysql2/promise";

export interface WriteLoadOptions {
  readonly connection: ConnectionOptions;
  /** Transactions a second that are aimed at. Default 20. */
  readonly rate?: number;
  /** Told once per outage and once per recovery of the server; the load itself goes on by itself. */
  readonly onOutage?: (state: "lost" | "back", error?: unknown) => void;
}

export interface WriteLoad {
  /** Ends after the transaction in work; closes the connection. */
  stop(): Promise<void>;
  /** Transactions whose COMMIT the server acknowledged since the start. */
  committed(): number;
}

type Work = (connection: Connection) => Promise<void>;

const MIX: readonly Work[] = [advance, newSession, position, newDelivery, advance, touchSession, position, newInvoice, advance, newTrip];

/**
 * Small steady business on `gestionelogistica`: trips, deliveries, status changes, sessions, invoices, one transaction each.
 * When the server goes away it waits and connects again; a transaction in doubt is not counted.
 */
export function startWriteLoad(options: WriteLoadOptions): WriteLoad {
  const pause = 1000 / (options.rate ?? 20);
  let stopping = false;
  let done = 0;
  let wake = () => {};
  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async () => {
    let connection: Connection | undefined;
    let lost = false;
    for (let turn = 0; !stopping; turn++) {
      const began = performance.now();
      try {
        connection ??= await connect(options.connection);
        if (lost) options.onOutage?.("back");
        lost = false;
        await connection.beginTransaction();
        await MIX[turn % MIX.length]?.(connection);
        await connection.commit();
        done++;
        await sleep(Math.max(1, pause - (performance.now() - began)));
      } catch (error) {
        if (isRowConflict(error)) {
          await connection?.rollback().catch(() => {});
          await sleep(pause);
          continue;
        }
        connection?.destroy();
        connection = undefined;
        if (!lost) options.onOutage?.("lost", error);
        lost = true;
        await sleep(500);
      }
    }
    await connection?.end().catch(() => {});
  };

  const ended = run();
  return {
    stop: () => {
      stopping = true;
      wake();
      return ended;
    },
    committed: () => done,
  };
}

async function connect(options: ConnectionOptions): Promise<Connection> {
  const connection = await mysql.createConnection({ connectTimeout: 5000, ...options, database: "gestionelogistica", charset: "utf8mb4" });
  // A connection that breaks between two statements must not end the process; the next statement reports it.
  connection.on("error", () => {});
  // A restore or a lock may hold a statement: give up and try again rather than hang until the end.
  await connection.query("SET SESSION innodb_lock_wait_timeout = 5");
  return connection;
}

/** Deadlock, lock wait, duplicate key: part of daily life, the next turn does something else. */
function isRowConflict(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["ER_LOCK_DEADLOCK", "ER_LOCK_WAIT_TIMEOUT", "ER_DUP_ENTRY"].includes(String(error.code));
}

async function insert(connection: Connection, sql: string): Promise<number> {
  const [result] = await connection.query<ResultSetHeader>(sql);
  return result.insertId;
}

/** An id that exists, near a random place of the table; 1 if the table is empty. */
async function anyId(connection: Connection, table: string): Promise<number> {
  const [[top]] = await connection.query<RowDataPacket[]>("SELECT MAX(id) AS id FROM ??", [table]);
  const from = 1 + Math.floor(Math.random() * Number(top?.id ?? 1));
  const [rows] = await connection.query<RowDataPacket[]>("SELECT id FROM ?? WHERE id >= ? ORDER BY id LIMIT 1", [table, from]);
  return Number(rows[0]?.id ?? 1);
}

async function newTrip(connection: Connection): Promise<void> {
  const [driver, vehicle, depot] = [await anyId(connection, "autisti"), await anyId(connection, "mezzi"), await anyId(connection, "depositi")];
  await insert(connection, `INSERT INTO viaggi (codice, autista_id, mezzo_id, deposito_id, stato, partenza_prevista, partito_il, percorso, note)
    VALUES (CONCAT('W', LEFT(REPLACE(UUID(), '-', ''), 15)), ${driver}, ${vehicle}, ${depot}, 'in corso', NOW(), NOW(6), '{"tappe": [1, 2, 3], "via": "Forlì"}', 'Aggiunto oggi 🚚')`);
}

async function newDelivery(connection: Connection): Promise<void> {
  const [customer, product] = [await anyId(connection, "clienti"), await anyId(connection, "prodotti")];
  await insert(connection, `INSERT INTO delivery (viaggio_id, sequenza, cliente_id, prodotto_id, destinatario, indirizzo, destinazione, colli, peso_kg, finestra_da, finestra_a)
    SELECT v.id, COALESCE((SELECT MAX(sequenza) FROM delivery WHERE viaggio_id = v.id), 0) + 1, ${customer}, ${product}, 'Cliente di passaggio', 'Via Nuova, 1 — Cantù',
      /*!80000 ST_SRID( */ POINT(9.1 + RAND(), 45 + RAND()) /*!80000 , 4326) */, 1 + FLOOR(RAND() * 9), ROUND(1 + RAND() * 200, 3), NOW(), NOW() + INTERVAL 4 HOUR
    FROM viaggi v WHERE v.stato = 'in corso' ORDER BY v.id DESC LIMIT 1`);
}

/** The oldest open delivery goes one step on; the trigger writes its event. */
async function advance(connection: Connection): Promise<void> {
  await connection.query(`UPDATE delivery SET consegnata_il = IF(stato = 'in consegna', NOW(6), NULL), stato = IF(stato = 'in consegna', 'consegnata', 'in consegna')
    WHERE stato IN ('in consegna', 'da consegnare') ORDER BY stato DESC, finestra_da LIMIT 1`);
}

async function newSession(connection: Connection): Promise<void> {
  const user = await anyId(connection, "users");
  await insert(connection, `INSERT INTO user_sessions (user_id, token, ip, user_agent, stato, creata_il, scade_il)
    VALUES (${user}, UNHEX(SHA2(UUID(), 256)), INET6_ATON('10.1.2.3'), 'GestioneLogistica/4.2', '{"pagina": "/"}', NOW(6), NOW(6) + INTERVAL 1 DAY)`);
}

async function touchSession(connection: Connection): Promise<void> {
  await connection.query("UPDATE user_sessions SET ultimo_accesso = NOW(6) WHERE id = ?", [await anyId(connection, "user_sessions")]);
}

async function position(connection: Connection): Promise<void> {
  const vehicle = await anyId(connection, "mezzi");
  await insert(connection, `INSERT INTO posizioni_gps (rilevata_il, mezzo_id, latitudine, longitudine, velocita_kmh, direzione)
    VALUES (NOW(3), ${vehicle}, 45 + RAND(), 9 + RAND(), RAND() * 110, FLOOR(RAND() * 360))`);
}

/** Header and lines in one transaction: a snapshot must hold both or neither. */
async function newInvoice(connection: Connection): Promise<void> {
  const [customer, delivery] = [await anyId(connection, "clienti"), await anyId(connection, "delivery")];
  const id = await insert(connection, `INSERT INTO fatture (numero, anno, cliente_id, emessa_il, scadenza, imponibile, stato)
    VALUES (0, YEAR(NOW()), ${customer}, CURRENT_DATE, CURRENT_DATE + INTERVAL 30 DAY, 300.00, 'emessa')`);
  await connection.query(`INSERT INTO righe_fattura (fattura_id, riga, delivery_id, descrizione, quantita, prezzo)
    VALUES (${id}, 1, ${delivery}, 'Trasporto espresso', 1, 100), (${id}, 2, NULL, 'Supplemento sponda', 2, 100)`);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { socket: { type: "string" }, host: { type: "string" }, port: { type: "string" }, user: { type: "string", default: "root" }, rate: { type: "string", default: "20" } } });
  const load = startWriteLoad({
    connection: {
      user: values.user,
      ...(values.socket ? { socketPath: values.socket } : { host: values.host ?? "127.0.0.1", port: Number(values.port ?? 3306) }),
      // The password comes on the first line of stdin when there is one; never in argv or environment.
      ...(process.stdin.isTTY ? {} : { password: await firstLine() }),
    },
    rate: Number(values.rate),
    onOutage: (state, error) => process.stderr.write(`write load: server ${state}${error instanceof Error ? `: ${error.message}` : ""}\n`),
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void load.stop().then(() => process.stdout.write(`${JSON.stringify({ committed: load.committed() })}\n`, () => process.exit(0))));
  }
}

async function firstLine(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return text.split("\n", 1)[0] ?? "";
}
