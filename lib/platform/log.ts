import pino, { type DestinationStream, type Logger } from "pino";

export type { Logger } from "pino";

export interface LogOptions {
  /** Name of the process: `worker`, `controller`, `console`, `cli`. */
  readonly name: string;
  readonly level?: string;
  /** Where lines go; standard error unless given, so that standard output stays for results. */
  readonly stream?: DestinationStream;
}

/** Structured JSON logs. Bind `runId` with `log.child({ runId })` for everything a run says. */
export function createLog(options: LogOptions): Logger {
  return pino(
    {
      name: options.name,
      level: options.level ?? process.env.LOG_LEVEL ?? "info",
      redact: { paths: ["password", "*.password", "secret", "*.secret", "*.secretKey", "passphrase", "*.passphrase"], censor: "[secret]" },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    options.stream ?? pino.destination({ dest: 2, sync: true }),
  );
}
