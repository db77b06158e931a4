import { Fault } from "#lib/domain/fault/fault.ts";
import type { RecipientSettings } from "#worker/engines/sandbox/recipient.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { abortFault } from "#worker/exec/run.ts";
import { cloneFault } from "./clone-local.ts";
import type { TcpAddress } from "./paced-relay.ts";
import { type CloneOptions, type CloneProgress, runClone } from "./run-clone.ts";

/** How long a server that went away is waited for; what was copied until then is not copied again. */
const PATIENCE_MS = 120_000;
const PROBE_MS = 5000;
/** So long a recipient is let end its statement when the run is cancelled. */
const CANCEL_MS = 10_000;

/** A server that hands its files to another one. */
export interface Donor extends RecipientSettings {
  /** By TCP and TLS, with an account that holds BACKUP_ADMIN. */
  readonly access: ServerAccess;
}

/** How a recipient reaches its donor, where it is not as the worker itself does. */
export interface Way {
  /** In place of the donor's own address. */
  readonly through?: TcpAddress | undefined;
  /** One connection carries everything: more would take turns at a rate that is kept for all of them. */
  readonly single?: boolean | undefined;
}

/**
 * Lets an isolated server of this host (`recipient`, started as such) fetch the donor's files into `target`, over TLS. The donor's writers are not held. Gives the
 * moment of its end, epoch milliseconds of this host. The password is in a statement that servers log as `<secret>`, and in nothing else.
 * Faults: CLONE_DONOR_FAILED, CLONE_RUNNING, CLONE_FOLDER_REFUSED, CLONE_TABLES_LATE, SERVER_ACCESS_DENIED, SERVER_CONNECTION_LOST, DISK_FULL, CANCELLED.
 */
export async function cloneRemote(recipient: ServerAccess, donor: Donor, target: string, options: CloneOptions & Way & { readonly patienceMs?: number }): Promise<number> {
  const { access } = donor;
  const { host, port } = options.through ?? { host: access.host ?? "", port: access.port ?? 3306 };
  const connection = await connect(recipient);
  try {
    await connection.query("SET GLOBAL clone_valid_donor_list = ?", [`${host}:${port}`]);
    await connection.query(`SET GLOBAL clone_donor_timeout_after_network_failure = ${Math.ceil(PATIENCE_MS / 60_000)}`);
    if (options.single) await connection.query("SET GLOBAL clone_autotune_concurrency = OFF, clone_max_concurrency = 1");
    // With an authority the donor's certificate is verified, not only asked for.
    if (verifies(access)) await connection.query("SET GLOBAL clone_ssl_ca = ?", [access.tls?.ca ?? ""]);
    // The values below are quoted with backslashes.
    await connection.query("SET GLOBAL sql_mode = ''");
  } finally {
    connection.destroy();
  }
  const sql = `CLONE INSTANCE FROM ?@?:${Number(port)} IDENTIFIED BY ? DATA DIRECTORY = ? REQUIRE SSL`;
  const watch = new DonorWatch(access, options.patienceMs ?? PATIENCE_MS, options.signal);
  const onProgress = (progress: CloneProgress): void => {
    watch.moved(progress);
    options.onProgress?.(progress);
  };
  const cloned = runClone({ access: recipient, sql, values: [access.user, host, access.password.reveal(), target] }, { ...options, onProgress }, (error) => donorFault(access.name, target, error));
  // A recipient whose donor died may wait for ever, deaf to KILL: it ends with its process then.
  cloned.catch(() => undefined);
  return Promise.race([cloned, watch.lost]).finally(() => watch.end());
}

/**
 * Rejects `lost` with SERVER_CONNECTION_LOST once nothing has come from the donor for the whole patience and it has not answered all that time; some seconds after
 * the signal aborts, with its fault.
 */
class DonorWatch {
  readonly #access: ServerAccess;
  readonly #patienceMs: number;
  readonly #lost = Promise.withResolvers<never>();
  #silentSince: number | null = null;
  #bytes = -1;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => {
    clearTimeout(this.#timer);
    this.#ended = true;
    this.#timer = setTimeout(() => this.#lost.reject(abortFault(this.#signal)), CANCEL_MS);
  };

  constructor(access: ServerAccess, patienceMs: number, signal: AbortSignal) {
    this.#access = access;
    this.#patienceMs = patienceMs;
    this.#signal = signal;
    signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#lost.promise.catch(() => undefined);
    this.#next();
  }

  get lost(): Promise<never> {
    return this.#lost.promise;
  }

  /** Bytes came, or what is done needs no donor (`FILE SYNC`). */
  moved({ stage, bytesDone }: CloneProgress): void {
    if (bytesDone === this.#bytes && stage.endsWith(" COPY")) return;
    this.#bytes = bytesDone;
    this.#silentSince = null;
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  #next(): void {
    if (!this.#ended) this.#timer = setTimeout(() => void this.#probe(), Math.min(PROBE_MS, this.#patienceMs / 4));
  }

  async #probe(): Promise<void> {
    const asked = performance.now();
    const connection = await connect(this.#access, { timeoutMs: PROBE_MS }).catch(() => null);
    connection?.destroy();
    this.#silentSince = connection ? null : (this.#silentSince ?? asked);
    if (this.#silentSince !== null && performance.now() - this.#silentSince >= this.#patienceMs) this.#lost.reject(new Fault("SERVER_CONNECTION_LOST", { params: { server: this.#access.name } }));
    else this.#next();
  }
}

function verifies({ tls }: ServerAccess): boolean {
  return (tls?.mode === "verify-ca" || tls?.mode === "verify-identity") && tls.ca !== undefined;
}

const ER_CLONE_DONOR = 3862;
/** What the client library says of a server that cannot be reached (2002, 2003) or went away; the recipient hands it on. A donor that was started anew knows nothing of the clone. */
const NETWORK = /could not find existing clone|Lost connection|gone away|Can't connect|Connect failed: 20(?:02|03|13)\b|Connection (?:was )?(?:killed|reset)|Network (?:error|timeout)|error (?:reading|writing) communication packets/i;

/** The driver's error holds the statement, and that the password: nothing of it but number and message goes on. */
function donorFault(server: string, target: string, error: unknown): unknown {
  const { errno, code, message = "" } = error as { errno?: number; code?: string; message?: string };
  const bare = Object.assign(new Error(message), { ...(errno === undefined ? {} : { errno }), ...(code === undefined ? {} : { code }) });
  const params = { server, message };
  if (/Too many concurrent clone/i.test(message)) return new Fault("CLONE_RUNNING", { params: { server, path: "—", id: "—" }, detail: message });
  if (errno === ER_CLONE_DONOR && /\b1045\b/.test(message)) return new Fault("SERVER_ACCESS_DENIED", { params: { server }, detail: message });
  if (NETWORK.test(message)) return new Fault("SERVER_CONNECTION_LOST", { params: { server }, detail: message });
  const known = cloneFault(server, target, bare);
  if (known instanceof Fault && known.code !== "CLONE_FAILED") return known;
  return new Fault("CLONE_DONOR_FAILED", { params });
}
