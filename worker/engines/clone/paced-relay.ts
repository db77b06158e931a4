import { createConnection, createServer, type Server, type Socket } from "node:net";
import { Meter, type Speed, STEP_MS } from "./meter.ts";

/** Connections of one clone: MySQL opens 16 at most that carry data, and one beside them. More come from somebody else. */
const MOST_CONNECTIONS = 32;
const LOOPBACK = "127.0.0.1";

/** Where a server listens. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** Calls `step` at even intervals until what it gives back is called. */
export type Steps = (step: () => void, milliseconds: number) => () => void;

const byTimer: Steps = (step, milliseconds) => {
  const timer = setInterval(step, milliseconds);
  return () => clearInterval(timer);
};

/**
 * A door of this host to another server (127.0.0.1, a free port): bytes pass unchanged both ways, so that TLS holds from end to end, and what that server sends is read no faster than
 * `speed` says, in even steps. What is not read yet waits with whoever sent it: in memory there is never more than a step's reading. Reading stands still neither for a pause nor for a low rate.
 */
export class PacedRelay {
  readonly #target: TcpAddress;
  readonly #meter: Meter;
  readonly #server: Server;
  readonly #pairs = new Map<Socket, Socket>();
  readonly #stop: () => void;

  private constructor(target: TcpAddress, speed: Speed, steps: Steps) {
    this.#target = target;
    this.#meter = new Meter(speed);
    this.#server = createServer((recipient) => this.#join(recipient));
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#stop = steps(() => this.#step(), STEP_MS);
  }

  /** Rejects with the system's error where nothing can listen. `steps`: for tests. */
  static async open(target: TcpAddress, speed: Speed, steps: Steps = byTimer): Promise<PacedRelay> {
    const relay = new PacedRelay(target, speed, steps);
    await new Promise<void>((resolve, reject) => {
      relay.#server.once("error", reject);
      relay.#server.listen(0, LOOPBACK, resolve);
    }).catch(async (error: unknown) => {
      await relay.close();
      throw error;
    });
    return relay;
  }

  /** Where a client of this host comes in. */
  get address(): TcpAddress {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the relay is closed");
    return { host: LOOPBACK, port: address.port };
  }

  /** Ends every connection. Idempotent; never throws. */
  async close(): Promise<void> {
    this.#stop();
    for (const [donor, recipient] of this.#pairs) for (const socket of [donor, recipient]) socket.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(recipient: Socket): void {
    const donor = createConnection({ ...this.#target, noDelay: true });
    recipient.setNoDelay(true);
    this.#pairs.set(donor, recipient);
    donor.pause();
    // What the recipient sends is small: requests, and where it is.
    recipient.pipe(donor);
    donor.on("data", (piece: Buffer) => {
      this.#meter.take(piece.length);
      recipient.write(piece);
      if (this.#mayRead(recipient)) return;
      donor.pause();
    });
    recipient.on("drain", () => {
      if (this.#mayRead(recipient)) donor.resume();
    });
    // The last bytes are handed on before the connection ends.
    donor.on("end", () => recipient.end());
    donor.on("connect", () => {
      if (this.#mayRead(recipient)) donor.resume();
    });
    // The other end of one that failed learns it from the end of its connection.
    for (const socket of [donor, recipient]) socket.on("error", () => socket.destroy());
    donor.on("close", (failed) => {
      if (failed) recipient.destroy();
    });
    recipient.on("close", () => {
      donor.destroy();
      this.#pairs.delete(donor);
    });
  }

  #mayRead(recipient: Socket): boolean {
    return this.#meter.open && !recipient.writableNeedDrain;
  }

  #step(): void {
    this.#meter.step();
    for (const [donor, recipient] of this.#pairs) if (this.#mayRead(recipient) && !donor.connecting) donor.resume();
  }
}
