import { entry } from "./entry.ts";

/** The continuous archive of binary logs. */
export const ARCHIVE_FAULTS = {
  ARCHIVE_STREAM_DOWN: entry(503, true,
    ["The binary log stream of {server} ended: {message}", "While it is down, changes are only on the server itself.", "Nothing to do if it comes back by itself. Otherwise check the server, the network and the account's REPLICATION SLAVE privilege."],
    ["Il flusso dei log binari di {server} è finito: {message}", "Finché è interrotto, le modifiche stanno solo sul server.", "Niente da fare se riprende da solo. Altrimenti controlla il server, la rete e il privilegio REPLICATION SLAVE dell'account."]),
  ARCHIVE_STREAM_STALLED: entry(503, true,
    ["The binary log stream of {server} gave nothing for {seconds} s while the server kept writing.", "The connection is dead without having been closed.", "The stream was started again. If this comes back, look at the network between host and server."],
    ["Il flusso dei log binari di {server} non ha dato nulla per {seconds} s mentre il server continuava a scrivere.", "La connessione è morta senza essere stata chiusa.", "Il flusso è stato riavviato. Se si ripete, controlla la rete tra host e server."]),
  ARCHIVE_GAP: entry(409, false,
    ["The archive of {server} has a gap: {from} was not archived to its end, and the server's oldest file is {to}.", "The server deleted binary logs before they were archived. No instant between the two can be restored.", "Take a full backup now: the recovery window begins again there. Keep binary logs longer on the server."],
    ["L'archivio di {server} ha un buco: {from} non è stato archiviato fino alla fine, e il file più vecchio del server è {to}.", "Il server ha eliminato log binari prima che fossero archiviati. Nessun istante fra i due è ripristinabile.", "Fai subito un backup completo: la finestra di recupero ricomincia da lì. Conserva più a lungo i log binari sul server."]),
  ARCHIVE_HISTORY_CHANGED: entry(409, false,
    ["{server} has begun another history of binary logs: {message}.", "Its logs were reset, it lost the end of a file in a crash, or it is another server. Both histories are kept.", "Take a full backup now. If nobody reset the logs or replaced the server, find out what was lost (sync_binlog must be 1)."],
    ["{server} ha iniziato un'altra storia di log binari: {message}.", "I log sono stati azzerati, il server ha perso la fine di un file in un arresto, oppure è un altro server. Entrambe le storie sono conservate.", "Fai subito un backup completo. Se nessuno ha azzerato i log o sostituito il server, cerca che cosa è andato perso (sync_binlog deve valere 1)."]),
  ARCHIVE_FILE_DAMAGED: entry(500, false,
    ["Binary log {file} of {server} cannot be read whole: {message}", "The local copy is damaged; it is kept, and not sealed as if it were sound.", "Take a full backup now, and check the disk that holds the archive folder."],
    ["Il log binario {file} di {server} non è leggibile per intero: {message}", "La copia locale è danneggiata; è conservata e non viene sigillata come se fosse integra.", "Fai subito un backup completo e controlla il disco che contiene la cartella dell'archivio."]),
  ARCHIVE_NOT_CONFIGURED: entry(409, false,
    ["No policy archives the binary logs of {server}.", "The continuous archive is turned on by `archive: true` in a policy of the server.", "Set it, then start again."],
    ["Nessun criterio archivia i log binari di {server}.", "L'archivio continuo si attiva con `archive: true` in un criterio del server.", "Impostalo e riprova."]),
  ARCHIVE_INCOMPLETE: entry(503, true,
    ["Binary logs of {server} up to {file} were not at every destination within {seconds} s: {message}", "A destination is away, the stream is down, or there was more to send than time.", "Look at «archive status»; the archive goes on by itself."],
    ["I log binari di {server} fino a {file} non erano in ogni destinazione entro {seconds} s: {message}", "Una destinazione manca, il flusso è interrotto o c'era più da inviare che tempo.", "Guarda «archive status»; l'archivio continua da solo."]),
  ARCHIVE_CHAIN_BROKEN: entry(409, false,
    ["The archive of {server} is not continuous at {destination}: {message}", "Instants behind the break cannot be reached from a backup before it.", "Take a full backup now, then look for what is missing at the destination."],
    ["L'archivio di {server} non è continuo presso {destination}: {message}", "Gli istanti dopo l'interruzione non sono raggiungibili da un backup precedente.", "Fai subito un backup completo, poi cerca che cosa manca presso la destinazione."]),
} as const;
