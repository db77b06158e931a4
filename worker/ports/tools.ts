/** The programs of one server family; the same keys for both, so that an engine says `clients[family].mysqldump`. */
export interface ClientTools {
  /** `mysql` or `mariadb`. */
  readonly mysql: string;
  /** `mysqldump` or `mariadb-dump`. */
  readonly mysqldump: string;
  /** `mysqlbinlog` or `mariadb-binlog`. */
  readonly mysqlbinlog: string;
  /** `mysqlcheck` or `mariadb-check`. */
  readonly mysqlcheck?: string;
  /** `mysqladmin` or `mariadb-admin`. */
  readonly mysqladmin?: string;
  /** `mysqld` or `mariadbd`: only where isolated servers are started (restore tests, staging). */
  readonly mysqld?: string;
  /** `mariadb-install-db`; MySQL initialises with `mysqld --initialize-insecure`. */
  readonly installDb?: string;
  /** `mariadb-backup`; MySQL copies its files itself. */
  readonly mariadbBackup?: string;
  /** Folder of the client plugins, given to children as LIBMYSQL_PLUGIN_DIR, where it is not the compiled-in one. */
  readonly pluginDir?: string;
}

/** Absolute paths of the programs that the worker may start. A missing family means: not on this host. */
export interface Tools {
  readonly clients: {
    readonly mysql?: ClientTools;
    readonly mariadb?: ClientTools;
  };
  readonly gpg: string;
  readonly gpgconf: string;
  readonly zstd: string;
}
