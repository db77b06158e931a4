import { expect, test } from "vitest";
import { checkAnswer, checkHello, keyFingerprint, makeAnswer, makeHello, newPairingCode } from "./pairing.ts";

const keyOf = (fill: number) => Buffer.alloc(32, fill).toString("base64");
const code = "7K3Q-0XVB-M2DN";
const hello = makeHello({ host: "db-host-1", hostname: "db1", signingKey: keyOf(1), boxKey: keyOf(2), now: 0 }, code);
const answer = makeAnswer({ host: "db-host-1", consoleKey: keyOf(3), now: 0 }, code);

test("codes are three groups of base32 and never the same", () => {
  const codes = Array.from({ length: 200 }, newPairingCode);
  for (const each of codes) expect(each).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
  expect(new Set(codes).size).toBe(200);
});

test("the fingerprint tells both keys apart", () => {
  expect(hello.fingerprint).toMatch(/^[0-9a-f]{4}(-[0-9a-f]{4}){3}$/);
  expect(keyFingerprint(keyOf(1), keyOf(2))).not.toBe(keyFingerprint(keyOf(2), keyOf(1)));
});

test.each([code, "7k3q0xvbm2dn", "7K3Q OXVB M2DN", " 7k3q-oxvb-m2dn "])("the code may be typed as %j", (typed) => expect(checkHello(hello, typed)).toEqual(hello));

test.each([
  ["another code", hello, "7K3Q-0XVB-M2DM"],
  ["no code", hello, ""],
  ["another signing key", { ...hello, signingKey: keyOf(9) }, code],
  ["both keys and the fingerprint exchanged", { ...hello, signingKey: keyOf(9), fingerprint: keyFingerprint(keyOf(9), keyOf(2)) }, code],
  ["another host name", { ...hello, host: "db-host-2" }, code],
  ["a fingerprint that is not theirs", { ...hello, fingerprint: "0000-0000-0000-0000" }, code],
  ["rubbish", "hello", code],
])("hello refused: %s", (_what, message, typed) => {
  expect(() => checkHello(message, typed)).toThrow(/PAIRING_REFUSED/);
});

test("an answer needs the code, the host and the console's own key", () => {
  expect(checkAnswer(answer, code, "db-host-1")).toEqual(answer);
  expect(() => checkAnswer(answer, "7K3Q-0XVB-M2DM", "db-host-1")).toThrow(/PAIRING_REFUSED/);
  expect(() => checkAnswer(answer, code, "db-host-2")).toThrow(/PAIRING_REFUSED/);
  expect(() => checkAnswer({ ...answer, consoleKey: keyOf(4) }, code, "db-host-1")).toThrow(/PAIRING_REFUSED/);
  expect(() => checkAnswer(hello, code, "db-host-1")).toThrow(/PAIRING_REFUSED/);
});
