// docs/faults.md from the fault table.
import { ARCHIVE_FAULTS } from '#lib/domain/fault/archive-faults.ts';
import { BACKUP_FAULTS } from '#lib/domain/fault/backup-faults.ts';
import { BINLOG_FAULTS } from '#lib/domain/fault/binlog-faults.ts';
import { CLONE_FAULTS } from '#lib/domain/fault/clone-faults.ts';
import { CONSOLE_FAULTS } from '#lib/domain/fault/console-faults.ts';
import { DESTINATION_FAULTS } from '#lib/domain/fault/destination-faults.ts';
import { DIFFERENTIAL_FAULTS } from '#lib/domain/fault/differential-faults.ts';
import type { FaultEntry } from '#lib/domain/fault/entry.ts';
import { MARIADB_BACKUP_FAULTS } from '#lib/domain/fault/mariadb-backup-faults.ts';
import { PREFLIGHT_FAULTS } from '#lib/domain/fault/preflight-faults.ts';
import { REPLAY_FAULTS } from '#lib/domain/fault/replay-faults.ts';
import { REPLACEMENT_FAULTS } from '#lib/domain/fault/replacement-faults.ts';
import { RESTORE_FAULTS } from '#lib/domain/fault/restore-faults.ts';
import { SCHEDULE_FAULTS } from '#lib/domain/fault/schedule-faults.ts';
import { SERVER_FAULTS } from '#lib/domain/fault/server-faults.ts';

const CHAPTERS: readonly (readonly [string, Readonly<Record<string, FaultEntry>>])[] = [
  ['Reaching the database server', SERVER_FAULTS],
  ['Found before a backup (pre-flight, `doctor`)', PREFLIGHT_FAULTS],
  ['Taking a backup', BACKUP_FAULTS],
  ['Differential backups', DIFFERENTIAL_FAULTS],
  ['Physical backups and new servers made of them', CLONE_FAULTS],
  ["A stopped server's data directory, replaced", REPLACEMENT_FAULTS],
  ['Physical backups of MariaDB', MARIADB_BACKUP_FAULTS],
  ['Archiving binary logs', ARCHIVE_FAULTS],
  ['Runs that start by themselves', SCHEDULE_FAULTS],
  ['Destinations and copies', DESTINATION_FAULTS],
  ['Restoring and verifying', RESTORE_FAULTS],
  ['Restoring to an instant (replay of binary logs)', REPLAY_FAULTS],
  ['Reading binary logs', BINLOG_FAULTS],
  ['Console, queue and host', CONSOLE_FAULTS],
];

/** Every code with what happened, why, and what to do; `{words}` are filled in when it happens. */
export function faultsDocument(): string {
  const chapters = CHAPTERS.map(([title, faults]) => `## ${title}\n\n${Object.entries(faults).map(([code, entry]) => row(code, entry)).join('\n')}`);
  return `# Faults

Made from \`lib/domain/fault/\` by \`scripts/docs/generated.ts\`; do not edit. Codes are stable: they stand in logs, journals, manifests and JSON
answers. Words in braces are filled in when it happens. ↻ = the same step may be tried again unchanged. The number is the HTTP status in the console.

${chapters.join('\n')}`;
}

function row(code: string, { http, retryable, en }: FaultEntry): string {
  return `### ${code}\n\n${http}${retryable ? ' ↻' : ''} · **${en.what}** ${en.why}\n\n→ ${en.todo}\n`;
}

/** Codes of all chapters, to be compared with the table. */
export function documentedCodes(): string[] {
  return CHAPTERS.flatMap(([, faults]) => Object.keys(faults));
}
