import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "#lib/domain/fault/fault.ts";
import { newSigningKey, type SigningKey, signingKeyFromPem, signingKeyToPem } from "#lib/platform/signing.ts";

/** File in the console's state folder. Never in the database: who reads that must not be able to give orders to workers. */
const FILE = "console-key.pem";

/**
 * The console's Ed25519 pair, made on first use. Console and controller share it; a race between them is won by one file.
 * @throws Fault STATE_INSECURE when group or others may read the file
 */
export async function loadConsoleKey(stateDir: string): Promise<SigningKey> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const path = join(stateDir, FILE);
  if (!(await exists(path))) await createOnce(path);
  const mode = (await stat(path)).mode & 0o077;
  if (mode !== 0) throw new Fault("STATE_INSECURE", { params: { path } });
  return signingKeyFromPem(await readFile(path, "utf8"));
}

/** Written in full beside it, then linked: nobody ever reads half a key, and the first to link wins. */
async function createOnce(path: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  // Without the remark the console's build takes the whole checkout along, a demo's secrets included.
  const file = await open(/* turbopackIgnore: true */ draft, "wx", 0o600);
  try {
    await file.writeFile(signingKeyToPem(newSigningKey()));
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
