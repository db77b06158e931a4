import { entry } from "./entry.ts";

/** Physical backups of MariaDB by `mariadb-backup`; what they share with clones stands there. */
export const MARIADB_BACKUP_FAULTS = {
  MARIADB_BACKUP_UNSUPPORTED: entry(409, false,
    ["Method mariadb-backup is not for {server} ({version}).", "The program reads the data files of MariaDB from 10.5 on; those of MySQL it would misread.", "In the policy, set method: clone for a copy of MySQL's data files, or method: dump."],
    ["Il metodo mariadb-backup non è per {server} ({version}).", "Il programma legge i file di dati di MariaDB dalla 10.5 in poi; quelli di MySQL li leggerebbe male.", "Nella politica imposta method: clone per una copia dei file di MySQL, oppure method: dump."]),
  MARIADB_BACKUP_OTHER_HOST: entry(409, false,
    ["The server {server} does not work in {path} on this worker's host.", "mariadb-backup reads the data files itself: it must see the folder that the connected server works in (no container between them, no tunnel to another host).", "Run the worker on the server's host, or set method: dump."],
    ["Il server {server} non lavora in {path} sull'host di questo worker.", "mariadb-backup legge da sé i file di dati: deve vedere la cartella in cui lavora il server a cui è connesso (nessun container in mezzo, nessun tunnel verso un altro host).", "Esegui il worker sull'host del server, o imposta method: dump."]),
  MARIADB_BACKUP_ENGINES: entry(409, false,
    ["{count} tables are of an engine that is not part of every MariaDB: {tables}.", "mariadb-backup would leave out their rows (MEMORY), or a server without their plugin could not open the copy.", "Convert them (ALTER TABLE … ENGINE=InnoDB), or set method: dump."],
    ["{count} tabelle usano un motore che non fa parte di ogni MariaDB: {tables}.", "mariadb-backup ne tralascerebbe le righe (MEMORY), o un server senza il loro plugin non aprirebbe la copia.", "Convertile (ALTER TABLE … ENGINE=InnoDB), o imposta method: dump."]),
  MARIADB_BACKUP_FAILED: entry(500, true,
    ["mariadb-backup could not copy the data files: {message}", "The copy is not complete, or could not be brought to one point.", "The backup was discarded, the copy removed. Read the program's last lines in the details."],
    ["mariadb-backup non è riuscito a copiare i file di dati: {message}", "La copia non è completa, o non si è potuta portare a un unico istante.", "Il backup è stato scartato e la copia rimossa. Leggi nei dettagli le ultime righe del programma."]),
  MARIADB_BACKUP_APPLY: entry(409, false,
    ["mariadb-backup could not apply the changed pages to their full: {message}", "The two do not fit each other, or a file of one of them is damaged.", "Verify the full and the differential. The full can be restored without it, and binary logs replayed from there. Read the program's last lines in the details."],
    ["mariadb-backup non è riuscito ad applicare al completo le pagine modificate: {message}", "I due non si corrispondono, o un file di uno dei due è danneggiato.", "Verifica il completo e il differenziale. Il completo si ripristina anche da solo, e da lì si applicano i log binari. Leggi nei dettagli le ultime righe del programma."]),
} as const;
