/** What differs between the families when a server is started by hand on unpacked files. */
const FAMILIES = {
  mysql: {
    method: "clone",
    title: "MySQL",
    series: "8.4 is not 9.7",
    values: "the three values that stand in `manifest.json` (`pageSize`, `dataFilePath`, `lowerCaseTableNames`)",
    start: "mysqld --no-defaults --user=mysql --datadir=/srv/recovered --socket=/srv/recovered/s --skip-networking --secure-file-priv=NULL --event-scheduler=OFF --skip-replica-start --innodb-page-size=16384 --innodb-data-file-path=ibdata1:12M:autoextend --lower-case-table-names=0",
    after: `If the folder also holds \`200-data-…\`: rows of tables that are not InnoDB, which the data files have empty; \`500-triggers-…\`: triggers of these tables, which must not fire while the rows come. Set socket
and account of this server in the file \`$LOGIN\` of step 1, do step 4, and load them once, rows first:

    cd "$FOLDER" && for f in 200-data-*.gpg 500-triggers-*.gpg; do test ! -e "$f" || unseal "$f" | sql_load || { echo "STOPPED: $f"; break; }; done

`,
  },
  mariadb: {
    method: "mariadb-backup",
    title: "MariaDB",
    series: "10.11 is not 11.4",
    values: "the values that stand in `manifest.json` (`pageSize`, `dataFilePath`, `undoTablespaces`, `lowerCaseTableNames`)",
    start: "mariadbd --no-defaults --user=mysql --datadir=/srv/recovered --socket=/srv/recovered/s --skip-networking --event-scheduler=OFF --skip-slave-start --innodb-page-size=16384 --innodb-data-file-path=ibdata1:12M:autoextend --innodb-undo-tablespaces=0 --lower-case-table-names=0",
    after: `The files are ready for a server: \`mariadb-backup\` is not needed, neither \`--prepare\` nor \`--copy-back\`. Before this server writes anything that others replicate, let it count on from the
source's GTIDs: \`SET GLOBAL gtid_slave_pos = '<gtidSet of manifest.coordinate>';\`

`,
  },
} as const;

/** Section of RECOVER.md on sets that hold data files instead of SQL. */
export function dataFilesSection(flavor: "mysql" | "mariadb"): string {
  const { method, title, series, values, start, after } = FAMILIES[flavor];
  return `## If the folder holds \`700-files-…\`: data files instead of SQL

Such a set (\`"method":"${method}"\` in \`manifest.json\`) is no SQL: steps 4 to 6 are not for it. Do steps 1 to 3, then, as root, on a host with \`tar\` and ${title} programs of the **same version series**
as the source (${series}), unpack every archive into one new empty folder (for \`.gz.gpg\` write \`gzip -d\` in place of \`zstd -d\`):

    mkdir /srv/recovered && cd "$FOLDER" && for f in 700-files-*.gpg; do gpg -d "$f" | zstd -d | tar -x -C /srv/recovered || echo "STOPPED: $f"; done
    chown -R mysql:mysql /srv/recovered

Start a server on it, with ${values}, and log in with the accounts of the source:

    ${start}

${after}${flavor === "mariadb" ? CHANGED_PAGES : ""}`;
}

/** A differential of data files. Its first line fits every version: the program looks for the notes under one of two names. */
const CHANGED_PAGES = `### If the folder holds \`710-changes-…\`: pages that changed since a full

Such a differential needs its full, and here \`mariadb-backup\` of the **same version series** as the source. Do steps 1 to 3 with its folder (step 2 checks the full's files as well), then, as root, unpack both and lay the one
over the other, which the program must end with \`completed OK!\`:

    mkdir /srv/recovered /srv/changes && cd "$FOLDER" && for f in $(manifest '[print(path) for path, a in files()]'); do gpg -d "$f" | zstd -d | tar -x -C $(case $f in 710-changes-*) echo /srv/changes ;; *) echo /srv/recovered ;; esac) || echo "STOPPED: $f"; done
    for notes in xtrabackup_checkpoints mariadb_backup_checkpoints; do manifest 'p = full["physical"]["lsn"]; print("backup_type = log-applied", "from_lsn = " + p["from"], "to_lsn = " + p["to"], "last_lsn = " + p["last"], sep="\\n")' > /srv/recovered/$notes; done; cp /srv/changes/backup-my.cnf /srv/recovered/
    mariadb-backup --defaults-file=/srv/changes/backup-my.cnf --prepare --target-dir=/srv/recovered --incremental-dir=/srv/changes && rm -f /srv/recovered/xtrabackup_* /srv/recovered/mariadb_backup_* /srv/recovered/backup-my.cnf

Go on as above: the files are given to the server's account, and a server is started on them.

`;
