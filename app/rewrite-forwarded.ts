import type { BlockList } from "node:net";
import { type IncomingMessage, Server } from "node:http";
import { realAddress } from "#lib/platform/trusted-proxies.ts";

/** From now on every request to a server of this process carries one address in X-Forwarded-For: the real one. Next fills it in only where it is absent, so a client could write its own. */
export function rewriteForwarded(trusted: BlockList): void {
  const emit = Server.prototype.emit as (this: Server, event: string | symbol, ...args: unknown[]) => boolean;
  Server.prototype.emit = function (this: Server, event: string | symbol, ...args: unknown[]): boolean {
    const [request] = args;
    if ((event === "request" || event === "upgrade") && isRequest(request)) {
      const address = realAddress(request.socket.remoteAddress, text(request.headers["x-forwarded-for"]), trusted);
      if (address) request.headers["x-forwarded-for"] = address;
      else delete request.headers["x-forwarded-for"];
    }
    return emit.call(this, event, ...args);
  };
}

function isRequest(value: unknown): value is IncomingMessage {
  return typeof value === "object" && value !== null && "headers" in value && "socket" in value;
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(",") : header;
}
