import { expect, it } from "vitest";
import { realAddress, trustedProxies } from "./trusted-proxies.ts";

const own = trustedProxies("");
const chain = trustedProxies("10.0.0.7, 192.168.0.0/16 2001:db8::/32");

it.each([
  ["nobody between", "203.0.113.5", undefined, own, "203.0.113.5"],
  ["a client that writes the header itself", "203.0.113.5", "1.2.3.4", own, "203.0.113.5"],
  ["a proxy on the same machine", "127.0.0.1", "203.0.113.5", own, "203.0.113.5"],
  ["the same, with a client that claims more", "::1", "1.2.3.4, 203.0.113.5", own, "203.0.113.5"],
  ["IPv4 shown as IPv6", "::ffff:127.0.0.1", "203.0.113.5", own, "203.0.113.5"],
  ["a proxy that nobody trusts", "10.0.0.7", "203.0.113.5", own, "10.0.0.7"],
  ["two proxies", "10.0.0.7", "1.2.3.4, 203.0.113.5, 192.168.3.1", chain, "203.0.113.5"],
  ["IPv6 all along", "2001:db8::9", "2001:dead::1", chain, "2001:dead::1"],
  ["a proxy that names nobody", "127.0.0.1", undefined, own, "127.0.0.1"],
  ["a proxy that writes nonsense", "127.0.0.1", "unknown", own, "127.0.0.1"],
  ["no connection any more", undefined, "1.2.3.4", own, undefined],
])("%s", (_what, peer, forwarded, trusted, client) => expect(realAddress(peer, forwarded, trusted)).toBe(client));

it.each(["example.org", "10.0.0.0/33", "10.0.0.0/x", "::/129"])("%s is no network", (text) => expect(() => trustedProxies(text)).toThrow(text));
