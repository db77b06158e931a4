import { entry } from "./entry.ts";

/** Replay of binary logs: restores to an instant. */
export const REPLAY_FAULTS = {
  REPLAY_STOPPED: entry(409, false,
    ["The replay stopped at transaction {transaction}: {message}", "The restored data do not fit this transaction: it depends on one that was skipped, on rows that a dump cannot keep exactly (FLOAT without a key), or on changes outside the binary log.", "Choose an instant before this transaction, or skip it too if it may be lost. Nothing outside the isolated server was touched."],
    ["Il replay si è fermato alla transazione {transaction}: {message}", "I dati ripristinati non si accordano con questa transazione: dipende da una saltata, da righe che un dump non conserva esattamente (FLOAT senza chiave) o da modifiche fuori dal log binario.", "Scegli un istante precedente, oppure salta anche questa se si può perdere. Nulla fuori dal server isolato è stato toccato."]),
  REPLAY_INCOMPLETE: entry(500, false,
    ["The replay did not end where it should: expected {expected}, found {found}.", "Transactions are missing or were applied twice; the result would not be the chosen instant.", "Do not use the result. Check the archive of the server, then plan again."],
    ["Il replay non è finito dove doveva: atteso {expected}, trovato {found}.", "Mancano transazioni o sono state applicate due volte; il risultato non sarebbe l'istante scelto.", "Non usare il risultato. Controlla l'archivio del server, poi pianifica di nuovo."]),
  INSTANT_UNREACHABLE: entry(409, false,
    ["{instant} cannot be restored: {reason}", "Only what lies between a full backup and the end of an unbroken archive behind it can be reached.", "Nearest that can be reached: {nearest}"],
    ["{instant} non è ripristinabile: {reason}", "Si raggiunge solo ciò che sta fra un backup completo e la fine di un archivio ininterrotto dopo di esso.", "Il più vicino raggiungibile: {nearest}"]),
  INSTANT_AMBIGUOUS: entry(400, false,
    ["The clocks of {zone} showed {time} twice.", "Summer time ended: it was {first} and again {second}.", "Give the time with its offset, or in UTC as above."],
    ["Gli orologi di {zone} hanno segnato {time} due volte.", "È finita l'ora legale: fu {first} e di nuovo {second}.", "Indica l'ora con lo scarto, o in UTC come sopra."]),
  INSTANT_WITHOUT_ACCOUNTS: entry(409, false,
    ["Accounts and grants are not brought to the chosen instant.", "Only the rows and definitions of schemas are replayed; whoever signs in to {server} afterwards are the accounts that it has already.", "Create the accounts that are missing on {server}, from the accounts of the full backup or by hand, before it goes into service."],
    ["Account e privilegi non vengono riportati all'istante scelto.", "Si riproducono solo righe e definizioni degli schemi; dopo, su {server} entrano gli account che ha già.", "Prima di mettere in servizio {server} crea gli account mancanti, da quelli del backup completo o a mano."]),
  INSTANT_EVENTS_OFF: entry(409, false,
    ["Events that were made or changed after the full are switched off: {events}.", "A replay leaves them as on a replica (DISABLE ON REPLICA), whatever they were on the source.", "Where they were on: ALTER EVENT … ENABLE, before the restored data go into service."],
    ["Gli eventi creati o cambiati dopo il backup completo sono spenti: {events}.", "La riproduzione li lascia come su una replica (DISABLE ON REPLICA), qualunque fosse il loro stato all'origine.", "Quelli che erano attivi: ALTER EVENT … ENABLE, prima di mettere in servizio i dati ripristinati."]),
  PHYSICAL_THROUGH_SQL: entry(409, false,
    ["Set {set} holds data files: single schemas come out of it by way of an isolated server, which is dumped.", "Accounts are not among it, and what cannot stand under another name is found out only there, before anything is written to the target.", "If the whole server is wanted with its accounts, restore it as a new server."],
    ["Il set {set} contiene file di dati: i singoli schemi se ne estraggono con un server isolato, di cui si fa un dump.", "Gli account non ne fanno parte, e ciò che non può stare sotto un altro nome si scopre solo lì, prima di scrivere qualcosa sulla destinazione.", "Se serve l'intero server con i suoi account, ripristinalo come nuovo server."]),
} as const;
