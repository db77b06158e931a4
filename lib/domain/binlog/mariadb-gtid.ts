import { Fault } from "../fault/fault.ts";

/** `domain-server`, as key → the highest sequence number that this server logged in this domain. */
export type MariadbGtids = ReadonlyMap<string, bigint>;

export interface MariadbGtid {
  readonly domain: number;
  readonly server: number;
  readonly sequence: bigint;
}

const GTID = /^(\d{1,10})-(\d{1,10})-(\d{1,20})$/;

/** Reads one GTID, `0-1-42`. @throws Fault GTID_INVALID */
export function parseMariadbGtid(text: string): MariadbGtid {
  const [, domain, server, sequence] = GTID.exec(text.trim()) ?? [];
  if (domain === undefined || server === undefined || sequence === undefined) throw invalid(text, "three numbers with dashes between are expected");
  const gtid = { domain: Number(domain), server: Number(server), sequence: BigInt(sequence) };
  if (gtid.domain >= 2 ** 32 || gtid.server >= 2 ** 32 || gtid.sequence >= 2n ** 64n) throw invalid(text, "a number is too large");
  return gtid;
}

/** Reads a list, `0-1-42,1-2-7`; within a domain several servers may stand. @throws Fault GTID_INVALID */
export function parseMariadbGtids(text: string): MariadbGtids {
  const list = new Map<string, bigint>();
  for (const piece of text.split(",")) {
    if (piece.trim() === "") continue;
    const { domain, server, sequence } = parseMariadbGtid(piece);
    const key = `${domain}-${server}`;
    if (list.has(key)) throw invalid(text, `${key} stands twice`);
    list.set(key, sequence);
  }
  return list;
}

/** Canonical text: by domain, then by server, in the order of their numbers. */
export function formatMariadbGtids(list: MariadbGtids): string {
  const parts = [...list].map(([key, sequence]) => ({ key: key.split("-").map(Number) as [number, number], sequence }));
  parts.sort((one, other) => one.key[0] - other.key[0] || one.key[1] - other.key[1]);
  return parts.map(({ key, sequence }) => `${key[0]}-${key[1]}-${sequence}`).join(",");
}

/** The state after the second was logged on top of the first: what it names takes the place of what stood there. */
export function advance(state: MariadbGtids, logged: MariadbGtids): MariadbGtids {
  return new Map([...state, ...logged]);
}

/**
 * Does a file that begins with `next` follow a state? Domains that are gone altogether were taken out by
 * `FLUSH BINARY LOGS DELETE_DOMAIN_ID`, which the server allows only for domains without events in its files.
 */
export function follows(state: MariadbGtids, next: MariadbGtids): boolean {
  const kept = new Set([...next.keys()].map((key) => key.split("-")[0]));
  const expected = [...state].filter(([key]) => kept.has(key.split("-")[0]));
  return expected.length === next.size && expected.every(([key, sequence]) => next.get(key) === sequence);
}

function invalid(text: string, message: string): Fault {
  return new Fault("GTID_INVALID", { params: { text: text.slice(0, 120), message } });
}
