import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadConfig } from "./load-config.ts";

const folder = mkdtempSync(join(tmpdir(), "sg-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string): ReturnType<typeof loadConfig> {
  const file = join(folder, "worker.yaml");
  writeFileSync(file, text);
  return loadConfig(file);
}

const SOUND = `# this host
host: db-1
stateDir: state       # beside this file
spoolDir: /var/spool/x
sandboxDir: ./sandbox
keyring: { home: ../keyring, passphraseFile: secrets/passphrase }
tools: { folders: [bin, /opt/bin], programs: { mysqldump: ../other/mysqldump } }
servers:
  - name: db
    label: home        # a label is no path
    socket: run/mysqld.sock
    user: root
    password: { file: secrets/db }
    tls: { mode: verify-ca, ca: ca.pem }
destinations:
  - { kind: local, name: one, root: copies }
  - { kind: s3, name: two, bucket: some-bucket, accessKeyId: file, secretKey: { file: secrets/s3 } }
keys:
  - { name: operations, purpose: operations, key: { file: keys/operations.asc } }
`;

describe("worker.yaml", () => {
  it("may hold comments and relative paths, which start at its own folder", () => {
    const config = load(SOUND);
    expect(config).toMatchObject({
      stateDir: join(folder, "state"),
      spoolDir: "/var/spool/x",
      sandboxDir: join(folder, "sandbox"),
      keyring: { home: join(folder, "../keyring"), passphraseFile: join(folder, "secrets/passphrase") },
      tools: { folders: [join(folder, "bin"), "/opt/bin"], programs: { mysqldump: join(folder, "../other/mysqldump") } },
      servers: [{ label: "home", socket: join(folder, "run/mysqld.sock"), user: "root", password: { file: join(folder, "secrets/db") }, tls: { ca: join(folder, "ca.pem") } }],
      destinations: [{ root: join(folder, "copies") }, { accessKeyId: "file", bucket: "some-bucket", secretKey: { file: join(folder, "secrets/s3") } }],
      keys: [{ key: { file: join(folder, "keys/operations.asc") } }],
    });
  });

  it.each([
    ["no YAML", "host: [", /flow|end|\]/i],
    ["empty", "", /expected object/],
    ["a field missing", SOUND.replace("host: db-1\n", ""), /host/],
    ["a field too many", SOUND.replace("    user: root\n", "    user: root\n    pasword: x\n"), /pasword/],
    ["a password in the file", SOUND.replace("{ file: secrets/db }", "secret"), /password/],
  ])("%s: the fault says what", (_what, text, message) => {
    expect(() => load(text)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", params: { file: join(folder, "worker.yaml"), message: expect.stringMatching(message) } }));
  });

  it("that is not there is a fault with its path", () => {
    expect(() => loadConfig(join(folder, "other.yaml"))).toThrow(expect.objectContaining({ code: "CONFIG_UNREADABLE", params: { file: join(folder, "other.yaml"), message: "no such file or directory" } }));
  });
});
