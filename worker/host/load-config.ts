import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { type WorkerConfig, workerConfig } from "#lib/contract/config/worker.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { systemWords } from "#lib/platform/system-words.ts";
import { withAbsolutePaths } from "./config-paths.ts";

/** Reads and checks worker.yaml; relative paths start at its folder. Fault CONFIG_INVALID names every field that is wrong; CONFIG_UNREADABLE. */
export function loadConfig(path: string): WorkerConfig {
  const file = resolve(path);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new Fault("CONFIG_UNREADABLE", { params: { file, message: systemWords(cause) } });
  }
  let document: unknown;
  try {
    document = parse(text);
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", { params: { file, message: cause instanceof Error ? cause.message : String(cause) }, cause });
  }
  const result = workerConfig.safeParse(withAbsolutePaths(document, dirname(file)));
  if (!result.success) throw new Fault("CONFIG_INVALID", { params: { file, message: z.prettifyError(result.error) } });
  return result.data;
}
