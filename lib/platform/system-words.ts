import { getSystemErrorMessage } from "node:util";

/** What the operating system says of a call that failed («no such file or directory»), without the name of the call; the message of any other error. */
export function systemWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return ("errno" in error && typeof error.errno === "number" && error.errno < 0 ? getSystemErrorMessage(error.errno) : undefined) ?? error.message;
}
