import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { Fault } from "#lib/domain/fault/fault.ts";
import { Secret } from "./secret.ts";
import { trustedProxies } from "./trusted-proxies.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** Environment of console and controller. Every variable may also be given as `<NAME>_FILE`: path of a file that holds the value. */
const consoleEnvironment = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, "must be a postgresql:// URL").transform((text) => new Secret(text)),
  REDIS_URL: z.string().regex(/^rediss?:\/\//, "must be a redis:// or rediss:// URL").transform((text) => new Secret(text)),
  /** Private keys and small state; created 0700. */
  SALVAGENTE_STATE_DIR: z.string().startsWith("/", "must be an absolute path"),
  /** Signs the session cookies. */
  NEXTAUTH_SECRET: z.string().min(32, "needs at least 32 characters").transform((text) => new Secret(text)).optional(),
  /** Address people use in their browser. */
  NEXTAUTH_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Addresses and networks of reverse proxies, besides the machine itself, whose X-Forwarded-For is believed: `10.0.0.7, 192.168.0.0/16`. */
  SALVAGENTE_TRUSTED_PROXIES: z.string().superRefine((text, context) => {
    try {
      trustedProxies(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
    }
  }).optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace"]).default("info"),
});
export type ConsoleEnvironment = z.infer<typeof consoleEnvironment>;

/** @throws Fault ENVIRONMENT_INVALID naming every variable that is wrong; never shows values */
export function readConsoleEnvironment(env: Variables = process.env): ConsoleEnvironment {
  return readEnvironment(consoleEnvironment, env);
}

/** For commands that need the metadata database alone. @throws Fault ENVIRONMENT_INVALID */
export function readDatabaseUrl(env: Variables = process.env): Secret {
  return readEnvironment(consoleEnvironment.pick({ DATABASE_URL: true }), env).DATABASE_URL;
}

function readEnvironment<S extends z.ZodObject>(schema: S, env: Variables): z.output<S> {
  const problems: string[] = [];
  const values: Record<string, string | undefined> = {};
  for (const name of Object.keys(schema.shape)) {
    try {
      values[name] = variable(env, name);
    } catch (error) {
      problems.push(`${name}_FILE: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
  if (!parsed.success || problems.length > 0) {
    const fields = [...new Set(problems.map((line) => line.split(":")[0]))].join(", ");
    throw new Fault("ENVIRONMENT_INVALID", { params: { fields }, detail: problems.join("\n") });
  }
  return parsed.data;
}

/** The variable, else the content of the file it names, without the newline at its end. Empty counts as absent. */
function variable(env: Variables, name: string): string | undefined {
  const direct = env[name];
  if (direct) return direct;
  const path = env[`${name}_FILE`];
  if (!path) return undefined;
  if (statSync(path).size > 64 * 1024) throw new Error("the file is too large for a value");
  return readFileSync(path, "utf8").replace(/\r?\n$/, "") || undefined;
}
