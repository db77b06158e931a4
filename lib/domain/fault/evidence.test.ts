import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { Fault, faultRecord } from "./fault.ts";

const STACK = /^ +at .*:\d+:\d+/m;

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

const ABSENT = thrownBy(() => readFileSync("/nowhere/at-all"));
const MISTAKE = thrownBy(() => (undefined as unknown as { id: string }).id);

describe("what a fault tells of its cause", () => {
  it("of one that was foreseen: the words of the cause, once, and never a stack", () => {
    expect(faultRecord(new Fault("CLONE_OTHER_ACCOUNT", { params: { path: "/data", uid: "?" }, cause: ABSENT })).detail).toBe("ENOENT: no such file or directory, open '/nowhere/at-all'");
    expect(faultRecord(new Fault("SERVER_UNREACHABLE", { params: { server: "db", message: ABSENT.message }, cause: ABSENT }))).not.toHaveProperty("detail");
    expect(faultRecord(new Fault("LOAD_FAILED", { params: { artifact: "a", message: "" }, detail: "stderr of the program", cause: ABSENT })).detail).toBe("stderr of the program");
    expect(faultRecord(new Fault("QUEUE_UNREACHABLE", { cause: "a word" })).detail).toBe("a word");
  });

  it("of a connection that was refused at each address of a name", async () => {
    const tried = [1, 2].map(() => new Promise<Error>((resolve) => connect({ host: "127.0.0.1", port: 1 }).once("error", resolve)));
    const refused = new AggregateError(await Promise.all(tried), "");
    expect(faultRecord(new Fault("QUEUE_UNREACHABLE", { cause: refused })).detail).toBe("connect ECONNREFUSED 127.0.0.1:1; connect ECONNREFUSED 127.0.0.1:1");
    expect(faultRecord(new Fault("QUEUE_UNREACHABLE", { cause: Object.assign(new Error(""), { code: "ECONNRESET" }) })).detail).toBe("ECONNRESET");
  });

  it("of what nobody foresaw, and of mistakes of the code: the stack", () => {
    expect(faultRecord(ABSENT)).toMatchObject({ code: "UNEXPECTED", detail: expect.stringMatching(STACK) });
    expect(faultRecord(new Fault("SWAP_NOT_TAKEN_BACK", { params: { run: "x", message: MISTAKE.message }, cause: MISTAKE })).detail).toMatch(STACK);
    const notAnAddress = thrownBy(() => new URL("::"));
    expect(faultRecord(new Fault("INPUT_INVALID", { params: { fields: "url" }, cause: notAnAddress })).detail).toBe("Invalid URL");
  });
});
