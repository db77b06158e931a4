import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { openKeyring } from "#worker/keyring/keyring.ts";
import { type CliScene, makeCliScene } from "#worker/testing/cli-scene.ts";
import { testTools } from "#worker/testing/tools.ts";

/** The host burned down. What is left: the destinations, the escrow key from the safe, and the signer's key that was written down beside it. */
describe("a new host after the loss of the old one", () => {
  let server: RunningMysql;
  let spare: RunningMysql;
  let old: CliScene;
  let fresh: CliScene;
  let setId = "";
  let signer = "";
  /** worker.yaml of the new host: the old destinations, the escrow key alone. */
  let yaml = "";

  const json = async (args: readonly string[], text: string): Promise<{ code: number | null; answer: Record<string, unknown> }> => {
    const end = await fresh.run(["--json", ...args], text);
    return { code: end.code, answer: JSON.parse(end.stdout) };
  };
  const trusting = (): string => `${yaml}trustedSigners:\n  - ${signer}   # printed by the old host\n`;

  beforeAll(async () => {
    [server, spare] = await Promise.all([startMysql({ flavor: "mysql" }), startMysql({ flavor: "mysql" })]);
    const connection = await connect({ name: "db", socket: server.socket, user: server.user, password: new Secret(server.password) });
    for (const statement of ["CREATE DATABASE shop", "CREATE TABLE shop.customers (id INT PRIMARY KEY, name TEXT)", "INSERT INTO shop.customers VALUES (1, 'Anna'), (2, 'Bruno')"]) await connection.query(statement);
    connection.destroy();
    old = await makeCliScene([{ name: "db", ...server }]);
    signer = JSON.parse((await old.run(["--json", "identity"])).stdout).signer;
    const backup = await old.run(["backup", "full", "-p", "nightly"]);
    expect(backup.code).toBe(0);
    setId = backup.stdout.trim();

    fresh = await makeCliScene([{ name: "spare", ...spare }]);
    // The escrow key alone, in a keyring that holds none of the set's other keys.
    const keyring = openKeyring(join(fresh.folder, "from-the-safe"), testTools(), new Secret(old.passphrase));
    await keyring.importKey(await old.keyring.exportPrivate(old.fingerprints.escrow));
    expect([...(await keyring.hasSecret([old.fingerprints.operations, old.fingerprints.escrow]))]).toEqual([old.fingerprints.escrow]);
    await keyring.stopAgent();
    writeFileSync(join(fresh.folder, "secrets/passphrase"), old.passphrase, { mode: 0o600 });
    yaml = fresh.yaml.replace("home: keyring,", "home: from-the-safe,").replaceAll("root: copies/", `root: ${old.folder}/copies/`);
  });
  afterAll(async () => {
    await old?.close();
    await fresh?.close();
    await Promise.all([server?.stop(), spare?.stop()]);
  });

  it("believes nothing by itself: reindex names the signer of every set, and restores none", async () => {
    const { code, answer } = await json(["reindex"], yaml);
    const problem = { code: "MANIFEST_FORGED", params: { set: setId, signer }, todo: expect.stringContaining("salvagente identity") };
    expect(code).toBe(1);
    expect(answer).toMatchObject({ ok: false, destinations: [{ destination: "one", sets: [], problems: [problem] }, { destination: "two", sets: [], problems: [problem] }] });
    expect(await json(["plan", "db", setId, "--to", "spare"], yaml)).toMatchObject({ code: 1, answer: { ok: false, fault: { code: "MANIFEST_FORGED" } } });
    expect((await json(["identity"], yaml)).answer).not.toMatchObject({ signer });
  });

  it("does not believe another key than the one that signed", async () => {
    const own = (await json(["identity"], yaml)).answer.signer;
    expect(await json(["reindex"], `${yaml}trustedSigners: ["${own}"]\n`)).toMatchObject({ code: 1 });
  });

  it("with the signer under trustedSigners: listed, and restored with the escrow key alone", async () => {
    expect(await json(["reindex"], trusting())).toMatchObject({ code: 0, answer: { ok: true, destinations: [{ sets: [{ summary: { setId } }], problems: [] }, { sets: [{ summary: { setId } }], problems: [] }] } });
    const plan = join(fresh.folder, "plan.json");
    expect(await json(["plan", "db", setId, "--to", "spare", "--output", plan], trusting())).toMatchObject({ code: 0 });
    expect(await json(["restore", plan], trusting())).toMatchObject({ code: 0, answer: { restore: { created: ["shop"] } } });
    const connection = await connect({ name: "spare", socket: spare.socket, user: spare.user, password: new Secret(spare.password) });
    const [rows] = await connection.query<RowDataPacket[]>("SELECT name FROM shop.customers ORDER BY id");
    connection.destroy();
    expect(rows.map((row) => row.name)).toEqual(["Anna", "Bruno"]);
  });

  it("is proven on the new host too", async () => {
    expect(await json(["verify", "db", setId], trusting())).toMatchObject({ code: 0, answer: { ok: true, verification: { level: "proven" } } });
  });
});
