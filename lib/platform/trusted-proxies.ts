import { BlockList, isIP } from "node:net";

/** Proxies on the console's own machine, which is where it listens unless it is told otherwise. */
const LOOPBACK = ["127.0.0.0/8", "::1"];

/**
 * The address of the client behind a connection. Only what a trusted proxy wrote is believed: from the nearest hop outwards, the first that is no trusted
 * proxy is the client, whatever stands before it in X-Forwarded-For.
 * @param peer address of the connection itself
 */
export function realAddress(peer: string | undefined, forwarded: string | undefined, trusted: BlockList): string | undefined {
  const hops = [...(forwarded ?? "").split(",").map((hop) => hop.trim()), plain(peer ?? "")];
  let client = hops.pop();
  while (client !== undefined && isTrusted(client, trusted)) {
    const next = plain(hops.pop() ?? "");
    // a proxy that names nobody, or nonsense
    if (isIP(next) === 0) break;
    client = next;
  }
  return client || undefined;
}

/** @param text addresses and networks, `10.0.0.7, 192.168.0.0/16`, besides the machine itself. @throws Error naming what is none of these */
export function trustedProxies(text: string): BlockList {
  const list = new BlockList();
  for (const entry of [...LOOPBACK, ...text.split(/[\s,]+/).filter(Boolean)]) {
    const [address = "", bits] = entry.split("/");
    const version = isIP(address);
    const length = bits === undefined ? (version === 6 ? 128 : 32) : Number(bits);
    if (version === 0 || !Number.isInteger(length) || length < 0 || length > (version === 6 ? 128 : 32)) throw new Error(`${entry} is no address or network`);
    list.addSubnet(address, length, version === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

function isTrusted(address: string, trusted: BlockList): boolean {
  const version = isIP(address);
  return version !== 0 && trusted.check(address, version === 6 ? "ipv6" : "ipv4");
}

/** IPv4 as an IPv6 socket shows it. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}
