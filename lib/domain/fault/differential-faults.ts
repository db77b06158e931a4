import { entry } from "./entry.ts";

/** Differential backups and the full that each builds on. */
export const DIFFERENTIAL_FAULTS = {
  DIFFERENTIAL_NO_BASE: entry(409, false,
    ["Policy {policy} has no proven full backup to compare with.", "A differential holds what changed since the last full that passed its restore test. {newest}", "Take a full of this policy and let its restore test pass (salvagente backup full, then salvagente verify), then try again."],
    ["La regola {policy} non ha un backup completo dimostrato con cui confrontarsi.", "Un differenziale contiene ciò che è cambiato dall'ultimo completo che ha superato il test di ripristino. {newest}", "Fai un backup completo di questa regola e lascia passare il suo test (salvagente backup full, poi salvagente verify), quindi riprova."]),
  DIFFERENTIAL_METHOD: entry(409, false,
    ["Policy {policy} cannot have differentials.", "Its fulls are made of data files alone; only SQL dumps are compared table by table.", "Give the policy method: dump, or alsoDump beside the data files, take a full and let the test of its SQL pass. Between physical fulls, the archive of binary logs holds what changed."],
    ["La regola {policy} non può avere differenziali.", "I suoi backup completi sono fatti solo di file di dati; soltanto i dump SQL si confrontano tabella per tabella.", "Imposta nella regola method: dump, oppure alsoDump accanto ai file di dati, fai un backup completo e lascia passare il test del suo SQL. Tra un completo fisico e l'altro, ciò che cambia sta nell'archivio dei log binari."]),
  DIFFERENTIAL_OTHER_SERVER: entry(409, false,
    ["The last proven full {set} was taken of another server.", "It names {base}; this server is {found}. It was set up anew or exchanged since.", "Take a full backup of this server and let its restore test pass, then try again."],
    ["L'ultimo completo dimostrato {set} è di un altro server.", "Porta il nome {base}; questo server è {found}. Nel frattempo è stato reinstallato o sostituito.", "Fai un backup completo di questo server e lascia passare il suo test, poi riprova."]),
  DIFFERENTIAL_BASE_ABSENT: entry(409, false,
    ["{destination} does not hold the full {set} as a whole: {missing}.", "A differential is of use only together with the very full that it builds on.", "Use another destination that holds both. If none does, take a new full backup."],
    ["{destination} non ha per intero il completo {set}: {missing}.", "Un differenziale serve solo insieme al completo su cui si basa.", "Usa un'altra destinazione che abbia entrambi. Se nessuna li ha, fai un nuovo backup completo."]),
  DIFFERENTIAL_LARGE: entry(200, false,
    ["{percent} % of all rows are stored anew since full {set}.", "A differential of this size takes nearly as long to store and to restore as a full.", "Take a full backup, or schedule fulls more often."],
    ["Dal completo {set} viene salvato di nuovo il {percent} % delle righe.", "Un differenziale così grande richiede quasi il tempo di un completo, per salvarlo e per ripristinarlo.", "Fai un backup completo, o pianificane più spesso."]),
} as const;
