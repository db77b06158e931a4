import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { hash } from "@node-rs/argon2";
import { verifyTrail } from "./audit/verify-trail.ts";
import { listEntries } from "./audit/list-entries.ts";
import { openTestConsole, type TestConsole } from "./testing/console.ts";
import { changeUser } from "./user/change-user.ts";
import { createFirstUser } from "./user/create-first-user.ts";
import { createUser } from "./user/create-user.ts";
import { listUsers } from "./user/list-users.ts";
import { checkSession, signIn } from "./user/sign-in.ts";

let console_: TestConsole;
beforeAll(async () => {
  console_ = await openTestConsole(inject("services"), 13);
});
afterAll(() => console_.close());

const PASSWORD = "correct horse battery staple";
const anna = { email: "Anna@Example.org", name: "Anna", role: "dba", password: PASSWORD } as const;

test("a new console begins with one DBA, made once even by two at once", async () => {
  const first = { email: "first@example.org", name: "First", password: PASSWORD };
  const both = await Promise.allSettled([createFirstUser(console_.services, first), createFirstUser(console_.services, { ...first, email: "other@example.org" })]);
  expect(both.map((one) => (one.status === "rejected" ? one.reason.code : one.value.role)).sort()).toEqual(["FORBIDDEN", "dba"]);
  await console_.services.db.user.deleteMany();
});

test("a user is made once, with an argon2id hash and a lower-case address", async () => {
  const user = await createUser(console_.as("dba"), anna);
  expect(user).toMatchObject({ email: "anna@example.org", role: "dba", locale: "it" });
  expect(JSON.stringify(await listUsers(console_.as("dba")))).not.toContain("argon2");
  expect((await console_.services.db.user.findUniqueOrThrow({ where: { id: user.id } })).passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  await expect(createUser(console_.as("dba"), { ...anna, email: "ANNA@example.org" })).rejects.toMatchObject({ code: "INPUT_INVALID", params: { fields: "email" } });
  await expect(createUser(console_.as("dba"), { ...anna, email: "b@example.org", password: "short" })).rejects.toMatchObject({ code: "INPUT_INVALID", params: { fields: "password" } });
  await expect(createUser(console_.as("sysadmin"), { ...anna, email: "c@example.org" })).rejects.toMatchObject({ code: "FORBIDDEN" });
});

test("signs in with the right password in any case of the address", async () => {
  expect(await signIn(console_.services, { email: "ANNA@EXAMPLE.ORG", password: PASSWORD, address: "192.0.2.1" })).toMatchObject({ email: "anna@example.org", role: "dba", sessionEpoch: 0 });
});

test.each([["wrong password", { email: "anna@example.org", password: "no" }], ["unknown address", { email: "who@example.org", password: PASSWORD }], ["no address", { email: "'; DROP TABLE", password: PASSWORD }], ["empty", { email: "anna@example.org", password: "" }]])("refuses %s alike", async (_what, attempt) => {
  await expect(signIn(console_.services, attempt)).rejects.toMatchObject({ code: "SIGN_IN_REFUSED", params: { minutes: 15 } });
});

test("five wrong guesses, even at once, lock the account for a quarter of an hour; the right password does not help", async () => {
  const guesses = Array.from({ length: 8 }, (_, index) => signIn(console_.services, { email: "anna@example.org", password: `guess ${index}` }));
  await Promise.allSettled(guesses);
  await expect(signIn(console_.services, { email: "anna@example.org", password: PASSWORD })).rejects.toMatchObject({ code: "SIGN_IN_REFUSED" });
  console_.shift = 15 * 60_000 + 1000;
  await expect(signIn(console_.services, { email: "anna@example.org", password: PASSWORD })).resolves.toMatchObject({ email: "anna@example.org" });
  console_.shift = 0;
});

test("twenty refused attempts from one address, over many accounts, refuse the next; others and the machine's own address go on", async () => {
  const from = (address: string, email = "anna@example.org", password = PASSWORD) => signIn(console_.services, { email, password, address });
  for (let at = 0; at < 20; at += 1) await expect(from("198.51.100.9", `nobody${at}@example.org`)).rejects.toMatchObject({ code: "SIGN_IN_REFUSED" });
  await expect(from("198.51.100.9")).rejects.toMatchObject({ code: "SIGN_IN_REFUSED", params: { minutes: 15 } });
  await expect(from("198.51.100.10")).resolves.toMatchObject({ email: "anna@example.org" });
  for (let at = 0; at < 21; at += 1) await expect(from("127.0.0.1", `nobody${at}@example.org`)).rejects.toMatchObject({ code: "SIGN_IN_REFUSED" });
  await expect(from("127.0.0.1")).resolves.toMatchObject({ email: "anna@example.org" });
  const before = console_.shift;
  console_.shift += 15 * 60_000 + 1000;
  await expect(from("198.51.100.9")).resolves.toMatchObject({ email: "anna@example.org" });
  console_.shift = before;
  expect(await console_.services.db.auditEntry.count({ where: { address: "198.51.100.9", detail: { path: ["reason"], equals: "too many attempts from this address" } } })).toBe(1);
});

test("a session ends with a new role, a new password or a block", async () => {
  const boss = await createUser(console_.as("dba"), { ...anna, email: "boss@example.org" });
  const user = await createUser(console_.as("dba"), { email: "dev@example.org", name: "Dev", role: "developer", password: PASSWORD });
  for (const change of [{ role: "sysadmin" }, { password: "another long password" }, { disabled: true }] as const) {
    const row = await console_.services.db.user.findUniqueOrThrow({ where: { id: user.id } });
    const session = { id: user.id, sessionEpoch: row.sessionEpoch };
    expect(await checkSession(console_.services.db, session)).toMatchObject({ id: user.id });
    await changeUser(console_.as("dba"), { id: user.id, ...change });
    expect(await checkSession(console_.services.db, session)).toBeNull();
  }
  await expect(signIn(console_.services, { email: "dev@example.org", password: "another long password" })).rejects.toMatchObject({ code: "SIGN_IN_REFUSED" });
  expect(await checkSession(console_.services.db, { id: "not a uuid", sessionEpoch: 0 })).toBeNull();
  expect(boss.role).toBe("dba");
});

test("the last DBA cannot be removed, not even by two at once", async () => {
  const dbas = (await listUsers(console_.as("dba"))).filter((user) => user.role === "dba");
  expect(dbas).toHaveLength(2);
  const both = await Promise.allSettled(dbas.map(({ id }) => changeUser(console_.as("dba"), { id, disabled: true })));
  expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("the hash of another program with other costs still fits", async () => {
  const passwordHash = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
  await console_.services.db.user.create({ data: { email: "old@example.org", name: "Old", role: "developer", passwordHash } });
  await expect(signIn(console_.services, { email: "old@example.org", password: PASSWORD })).resolves.toMatchObject({ role: "developer" });
});

test("all of it is in the trail, without passwords", async () => {
  expect((await verifyTrail(console_.as("sysadmin"))).ok).toBe(true);
  const page = await listEntries(console_.as("dba"), { text: "SIGN-IN", pageSize: 200 });
  expect(page.total).toBeGreaterThan(10);
  expect(page.rows.some((row) => row.detail.reason === "wrong password; locked now")).toBe(true);
  const everything = JSON.stringify(await listEntries(console_.as("dba"), { pageSize: 200 }));
  expect(everything).not.toMatch(/horse|another long password|guess \d/);
  expect((await listEntries(console_.as("dba"), { text: "%" })).total).toBe(0);
  await expect(listEntries(console_.as("developer"), {})).rejects.toMatchObject({ code: "FORBIDDEN" });
});
