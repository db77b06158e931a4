import type { Action } from "../access/permissions.ts";

/** What the trail tells of besides what roles may do (a refusal is written under the permission that was lacking). Names are never changed: they stand in the chain. */
export const AUDIT_ACTIONS = [
  "user.sign-in", "user.create-first", "user.create", "user.change", "archive.search", "restore.start", "restore.end", "swap.start", "swap.end", "swap.recover", "swap.drop",
  "backup-full.from-cli", "backup-differential.from-cli", "backup-incremental.from-cli", "verify.from-cli", "restore.from-cli", "swap.from-cli", "preflight.from-cli", "reindex.from-cli",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number] | Action;

/** Each action in words, as what it is. */
export const ACTION_WORDS: Readonly<Record<AuditAction, { readonly en: string; readonly it: string }>> = {
  "status.view": { en: "View of the state", it: "Lettura dello stato" },
  "run.view": { en: "View of a run", it: "Lettura di un’attività" },
  "run.export": { en: "Export of activity", it: "Esportazione delle attività" },
  "run.cancel": { en: "Cancelling a run", it: "Arresto di un’attività" },
  "backup.run": { en: "Start of a backup", it: "Avvio di un backup" },
  "backup.verify": { en: "Start of a verification", it: "Avvio di una verifica" },
  "backup.view-contents": { en: "View into a backup", it: "Lettura del contenuto di un backup" },
  "restore.plan": { en: "Plan of a restore", it: "Piano di un ripristino" },
  "restore.run-beside": { en: "Restore beside or to another server", it: "Ripristino accanto o su un altro server" },
  "restore.run-in-place": { en: "Restore in place", it: "Ripristino sul posto" },
  "restore.run-instance": { en: "Restore as a new server", it: "Ripristino come nuovo server" },
  "restore.start": { en: "Start of a restore", it: "Avvio di un ripristino" },
  "restore.end": { en: "End of a restore", it: "Fine di un ripristino" },
  "restore.swap": { en: "Swap with what is in use", it: "Scambio con ciò che è in uso" },
  "swap.start": { en: "Start of a swap", it: "Avvio di uno scambio" },
  "swap.end": { en: "End of a swap", it: "Fine di uno scambio" },
  "swap.recover": { en: "Ending a swap left half-way", it: "Conclusione di uno scambio rimasto a metà" },
  "swap.drop": { en: "Dropping what a swap replaced", it: "Eliminazione di ciò che uno scambio ha sostituito" },
  "archive.search": { en: "Search in the binary logs", it: "Ricerca nei log binari" },
  "server.probe": { en: "Connection test", it: "Prova di connessione" },
  "settings.view": { en: "View of the settings", it: "Lettura delle impostazioni" },
  "settings.change": { en: "Change of settings", it: "Modifica delle impostazioni" },
  "schedule.change": { en: "Change of a schedule", it: "Modifica di una pianificazione" },
  "host.pair": { en: "Pairing of a host", it: "Abbinamento di un host" },
  "user.manage": { en: "Management of users", it: "Gestione degli utenti" },
  "user.sign-in": { en: "Sign-in", it: "Accesso" },
  "user.create-first": { en: "First user", it: "Primo utente" },
  "user.create": { en: "New user", it: "Nuovo utente" },
  "user.change": { en: "Change of a user", it: "Modifica di un utente" },
  "audit.view": { en: "View of the audit trail", it: "Lettura dell’audit" },
  "catalog.reindex": { en: "Rebuild of the catalog", it: "Ricostruzione del catalogo" },
  "backup-full.from-cli": { en: "Full backup from the command line", it: "Backup completo da riga di comando" },
  "backup-differential.from-cli": { en: "Differential backup from the command line", it: "Backup differenziale da riga di comando" },
  "backup-incremental.from-cli": { en: "Incremental backup from the command line", it: "Backup incrementale da riga di comando" },
  "verify.from-cli": { en: "Verification from the command line", it: "Verifica da riga di comando" },
  "restore.from-cli": { en: "Restore from the command line", it: "Ripristino da riga di comando" },
  "swap.from-cli": { en: "Swap from the command line", it: "Scambio da riga di comando" },
  "preflight.from-cli": { en: "Pre-flight checks from the command line", it: "Controlli preliminari da riga di comando" },
  "reindex.from-cli": { en: "Rebuild of the catalog from the command line", it: "Ricostruzione del catalogo da riga di comando" },
};

/** An action in words; one that this version does not know stays as it is. */
export function actionText(action: string, locale: "it" | "en"): string {
  return Object.hasOwn(ACTION_WORDS, action) ? ACTION_WORDS[action as AuditAction][locale] : action;
}

/** Actions whose words, in either language, hold the text; any case. For searches. */
export function actionsSaying(text: string): readonly string[] {
  const plain = (words: string): string => words.toLowerCase().replaceAll("’", "'");
  const sought = plain(text.trim());
  if (sought === "") return [];
  return Object.entries(ACTION_WORDS).flatMap(([action, { en, it }]) => (plain(en).includes(sought) || plain(it).includes(sought) ? [action] : []));
}
