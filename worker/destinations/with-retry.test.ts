import { Readable } from "node:stream";
import { describe, expect, it, vi } from "vitest";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { fault } from "./testing/observe.ts";
import { withRetry } from "./with-retry.ts";

const gone = () => new Fault("DESTINATION_UNREACHABLE", { params: { destination: "x", message: "gone" } });

/** A destination of which a test gives the methods that matter. */
function stub(methods: Partial<Destination>): Destination {
  return { id: "x", kind: "s3", ...methods } as Destination;
}

describe("with-retry", () => {
  it("waits half fixed, half by chance, doubling up to the cap", async () => {
    const waits: number[] = [];
    const failing = stub({ stat: () => Promise.reject(gone()) });
    for (const random of [0, 1]) {
      await fault(withRetry(failing, { attempts: 5, baseMs: 4, capMs: 20, random: () => random, onRetry: (_fault, _attempt, ms) => waits.push(ms) }).stat("k"));
    }
    expect(waits).toEqual([2, 4, 8, 10, 4, 8, 16, 20]);
  });

  it.each([
    ["not retryable", new Fault("DESTINATION_DENIED", { params: { destination: "x", message: "no" } })],
    ["full", new Fault("DESTINATION_FULL", { params: { destination: "x", message: "full" } })],
    ["no Fault", new TypeError("a mistake of ours")],
  ])("throws at once what is %s", async (_what, error) => {
    const remove = vi.fn(() => Promise.reject(error));
    await expect(withRetry(stub({ remove }), { baseMs: 1 }).remove("k")).rejects.toBe(error);
    expect(remove).toHaveBeenCalledTimes(1);
  });

  it("a cancel ends the wait", async () => {
    const stop = new AbortController();
    const place = withRetry(stub({ put: () => Promise.reject(gone()) }), { baseMs: 60_000, capMs: 60_000, onRetry: () => queueMicrotask(() => stop.abort()) });
    await expect(fault(place.put("k", { kind: "bytes", data: Buffer.alloc(1) }, { signal: stop.signal }))).resolves.toMatchObject({ code: "CANCELLED" });
  });

  it("a stop ends the wait of what takes no signal, and nothing is begun after it", async () => {
    for (const method of ["stat", "remove", "list"] as const) {
      const stop = new AbortController();
      let calls = 0;
      const failing = () => {
        calls += 1;
        return Promise.reject(gone());
      };
      const bare = stub({ stat: failing, remove: failing, async *list() { yield await failing(); } });
      const place = withRetry(bare, { baseMs: 60_000, capMs: 60_000, signal: stop.signal, onRetry: () => queueMicrotask(() => stop.abort()) });
      const begun = async (): Promise<unknown> => (method === "list" ? place.list("")[Symbol.asyncIterator]().next() : place[method]("k"));
      await expect(fault(begun()), method).resolves.toMatchObject({ code: "CANCELLED" });
      await expect(fault(begun()), method).resolves.toMatchObject({ code: "CANCELLED" });
      expect(calls).toBe(1);
    }
  });

  it("progress makes the count begin anew, but not for ever", async () => {
    let tries = 0;
    const place = withRetry(
      stub({
        put: (_key, _body, options) => {
          tries += 1;
          options?.onBytes?.(32 * 1024 * 1024);
          return tries === 30 ? Promise.resolve({ key: "k", bytes: 1 }) : Promise.reject(gone());
        },
      }),
      { attempts: 3, baseMs: 0 },
    );
    await place.put("k", { kind: "bytes", data: Buffer.alloc(1) });
    expect(tries).toBe(30);
    tries = 30;
    await fault(place.put("k", { kind: "bytes", data: Buffer.alloc(1) }));
    expect(tries).toBe(30 + 200);
  });

  it("a listing goes on after the last key it gave", async () => {
    let tries = 0;
    const place = withRetry(
      stub({
        async *list() {
          tries += 1;
          for (const key of ["a", "b", "c", "d"]) {
            if (key === "c" && tries < 3) throw gone();
            yield { key, bytes: 1 };
          }
        },
      }),
      { baseMs: 0 },
    );
    const keys: string[] = [];
    for await (const object of place.list("")) keys.push(object.key);
    expect(keys).toEqual(["a", "b", "c", "d"]);
  });

  it("a download goes on at the byte where it broke, from its own offset", async () => {
    const data = Buffer.from("0123456789");
    const offsets: number[] = [];
    const place = withRetry(
      stub({
        get: async (_key, options) => {
          const at = options?.offset ?? 0;
          offsets.push(at);
          return Readable.from(
            (async function* () {
              yield data.subarray(at, at + 3);
              if (at + 3 < data.length) throw gone();
            })(),
          );
        },
      }),
      { baseMs: 0 },
    );
    const read = Buffer.concat((await (await place.get("k", { offset: 1 })).toArray()) as Buffer[]);
    expect(read.toString()).toBe("123456789");
    expect(offsets).toEqual([1, 4, 7]);
  });
});
