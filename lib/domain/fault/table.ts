import { ARCHIVE_FAULTS } from "./archive-faults.ts";
import { BACKUP_FAULTS } from "./backup-faults.ts";
import { BINLOG_FAULTS } from "./binlog-faults.ts";
import { CLONE_FAULTS } from "./clone-faults.ts";
import { CONSOLE_FAULTS } from "./console-faults.ts";
import { DESTINATION_FAULTS } from "./destination-faults.ts";
import { DIFFERENTIAL_FAULTS } from "./differential-faults.ts";
import type { FaultEntry } from "./entry.ts";
import { MARIADB_BACKUP_FAULTS } from "./mariadb-backup-faults.ts";
import { PREFLIGHT_FAULTS } from "./preflight-faults.ts";
import { REPLAY_FAULTS } from "./replay-faults.ts";
import { REPLACEMENT_FAULTS } from "./replacement-faults.ts";
import { RESTORE_FAULTS } from "./restore-faults.ts";
import { SCHEDULE_FAULTS } from "./schedule-faults.ts";
import { SERVER_FAULTS } from "./server-faults.ts";

/** The closed table of everything that can go wrong. Codes are stable: they stand in logs, manifests and API answers. */
export const FAULTS = {
  ...SERVER_FAULTS,
  ...PREFLIGHT_FAULTS,
  ...BACKUP_FAULTS,
  ...DIFFERENTIAL_FAULTS,
  ...CLONE_FAULTS,
  ...MARIADB_BACKUP_FAULTS,
  ...ARCHIVE_FAULTS,
  ...SCHEDULE_FAULTS,
  ...DESTINATION_FAULTS,
  ...RESTORE_FAULTS,
  ...REPLACEMENT_FAULTS,
  ...REPLAY_FAULTS,
  ...BINLOG_FAULTS,
  ...CONSOLE_FAULTS,
} as const satisfies Record<string, FaultEntry>;

export type FaultCode = keyof typeof FAULTS;

/** Is the text one of the codes? For records that come from outside. */
export function isFaultCode(text: string): text is FaultCode {
  return Object.hasOwn(FAULTS, text);
}
