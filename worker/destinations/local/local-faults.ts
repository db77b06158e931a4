import { Fault } from "#lib/domain/fault/fault.ts";

/** A file system error as the fault that says what to do; Faults pass. */
export function localFault(destination: string, error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const options = { params: { destination, message: message ?? String(error) }, cause: error };
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new Fault("DESTINATION_FULL", options);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new Fault("DESTINATION_DENIED", options);
    case "ENOENT":
    case "ENODEV":
    case "ENXIO":
    case "ESTALE":
    case "ENOTCONN":
    case "EHOSTDOWN":
    case "EHOSTUNREACH":
    case "ETIMEDOUT":
      return new Fault("DESTINATION_UNREACHABLE", options);
    default:
      return new Fault("DESTINATION_FAILED", options);
  }
}
