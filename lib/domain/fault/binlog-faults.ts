import { entry } from "./entry.ts";

/** Reading binary logs and the identifiers of transactions. */
export const BINLOG_FAULTS = {
  BINLOG_NOT_READABLE: entry(409, false,
    ["{file} is not a binary log that can be read: {message}.", "It has another beginning, is encrypted by the server, or is older than MySQL 5.6.", "Take it from the server again through the archive, which streams it in clear."],
    ["{file} non è un binary log leggibile: {message}.", "Comincia in altro modo, è cifrato dal server o è anteriore a MySQL 5.6.", "Riprendilo dal server con l'archivio, che lo trasmette in chiaro."]),
  BINLOG_DAMAGED: entry(409, false,
    ["Binary log {file} is damaged at position {position}: {message}.", "Its bytes are not those that the server wrote. Everything before that position is whole.", "Take the file from another copy, or from the server as long as it keeps it."],
    ["Il binary log {file} è danneggiato alla posizione {position}: {message}.", "I suoi byte non sono quelli scritti dal server. Tutto ciò che precede quella posizione è integro.", "Prendi il file da un'altra copia, o dal server finché lo conserva."]),
  BINLOG_INDEX_DAMAGED: entry(409, true,
    ["The list of transactions {path} cannot be used: {message}.", "It is a working copy of what stands in the archive, and its bytes have changed.", "It is fetched or made anew by itself; try again. Nothing of the archive is touched."],
    ["L'elenco delle transazioni {path} non è utilizzabile: {message}.", "È una copia di lavoro di ciò che sta nell'archivio, e i suoi byte sono cambiati.", "Viene ripreso o rifatto da sé; riprova. L'archivio non è toccato."]),
  GTID_INVALID: entry(400, false,
    ["«{text}» is not a GTID or GTID set: {message}.", "MySQL writes uuid:1-5:7, with a tag uuid:tag:1; MariaDB writes domain-server-number, such as 0-1-42.", "Copy it from the list of transactions, or from the server."],
    ["«{text}» non è un GTID né un insieme di GTID: {message}.", "MySQL scrive uuid:1-5:7, con un tag uuid:tag:1; MariaDB scrive dominio-server-numero, come 0-1-42.", "Copialo dall'elenco delle transazioni, o dal server."]),
} as const;
