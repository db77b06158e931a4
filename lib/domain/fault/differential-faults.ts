import { entry } from "./entry.ts";

/** Differential backups and the full that each builds on. */
export const DIFFERENTIAL_FAULTS = {
  DIFFERENTIAL_NO_BASE: entry(409, false,
    ["Policy {policy} has no proven full backup to compare with.", "A differential holds what changed since the last full that passed its restore test. {newest}", "Take a full of this policy and let its restore test pass (salvagente backup full, then salvagente verify), then try again."],
    ["La regola {policy} non ha un backup completo dimostrato con cui confrontarsi.", "Un differenziale contiene ciò che è cambiato dall'ultimo completo che ha superato il test di ripristino. {newest}", "Fai un backup completo di questa regola e lascia passare il suo test (salvagente backup full, poi salvagente verify), quindi riprova."]),
  DIFFERENTIAL_METHOD: entry(409, false,
    ["Policy {policy} cannot have differentials.", "Its last proven full is of another method than its differentials, or it takes data files by MySQL's clone alone, which copies everything or nothing.", "Take a full of this policy and let its test pass, if its method was changed. On MySQL, give it method: dump, or alsoDump beside the data files; between physical fulls, the archive of binary logs holds what changed."],
    ["La regola {policy} non può avere differenziali.", "Il suo ultimo completo dimostrato è di un metodo diverso dai suoi differenziali, o la regola copia solo i file di dati con il clone di MySQL, che copia tutto o niente.", "Se il metodo è cambiato, fai un backup completo di questa regola e lascia passare il suo test. Su MySQL imposta method: dump, oppure alsoDump accanto ai file di dati; tra un completo fisico e l'altro, ciò che cambia sta nell'archivio dei log binari."]),
  DIFFERENTIAL_NO_PAGES: entry(409, false,
    ["Changed pages cannot be applied to the last proven full {set}.", "It was made before differentials of data files were known: a server was started on its files before they were packed.", "Take a full of this policy and let its restore test pass; from then on it has differentials."],
    ["All'ultimo completo dimostrato {set} non si possono applicare pagine modificate.", "È precedente ai differenziali dei file di dati: sui suoi file un server è stato avviato prima di impacchettarli.", "Fai un backup completo di questa regola e lascia passare il suo test; da allora avrà differenziali."]),
  DIFFERENTIAL_OTHER_FILES: entry(409, false,
    ["Pages that changed since full {set} would not make it whole: {message}.", "Changed pages are told by their number in the redo log, which counts for the very files that the full was copied from.", "Take a full of this policy and let its restore test pass, then try again."],
    ["Le pagine modificate dopo il completo {set} non lo renderebbero intero: {message}.", "Una pagina modificata si riconosce dal suo numero nel redo log, che vale solo per gli stessi file da cui il completo è stato copiato.", "Fai un backup completo di questa regola e lascia passare il suo test, poi riprova."]),
  DIFFERENTIAL_OTHER_SERVER: entry(409, false,
    ["The last proven full {set} was taken of another server.", "It names {base}; this server is {found}. It was set up anew or exchanged since.", "Take a full backup of this server and let its restore test pass, then try again."],
    ["L'ultimo completo dimostrato {set} è di un altro server.", "Porta il nome {base}; questo server è {found}. Nel frattempo è stato reinstallato o sostituito.", "Fai un backup completo di questo server e lascia passare il suo test, poi riprova."]),
  DIFFERENTIAL_BASE_ABSENT: entry(409, false,
    ["{destination} does not hold the full {set} as a whole: {missing}.", "A differential is of use only together with the very full that it builds on.", "Use another destination that holds both. If none does, take a new full backup."],
    ["{destination} non ha per intero il completo {set}: {missing}.", "Un differenziale serve solo insieme al completo su cui si basa.", "Usa un'altra destinazione che abbia entrambi. Se nessuna li ha, fai un nuovo backup completo."]),
  DIFFERENTIAL_LARGE: entry(200, false,
    ["{percent} % of all data is stored anew since full {set}.", "A differential of this size takes nearly as long to store and to restore as a full.", "Take a full backup, or schedule fulls more often."],
    ["Dal completo {set} viene salvato di nuovo il {percent} % dei dati.", "Un differenziale così grande richiede quasi il tempo di un completo, per salvarlo e per ripristinarlo.", "Fai un backup completo, o pianificane più spesso."]),
} as const;
