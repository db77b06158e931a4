import type { Flavor } from "#lib/contract/names.ts";

const OF_BOTH = [
  "sql_select_limit = 2",
  "max_join_size = 1",
  "autocommit = 0",
  "completion_type = 2",
  "sql_quote_show_create = 0",
  "time_zone = '+05:30'",
  "group_concat_max_len = 4",
  "max_sort_length = 64",
  "wait_timeout = 2",
  "net_write_timeout = 1",
  "innodb_lock_wait_timeout = 1",
  "lock_wait_timeout = 1",
];

/** Global settings with which every session begins: what administrators set for an application's sake, and what would end a session, keep rows from it or commit nothing. For `SET GLOBAL`. */
export const HOSTILE: Readonly<Record<Flavor, readonly string[]>> = {
  mysql: [...OF_BOTH, "sql_big_selects = 0", "max_execution_time = 1", "transaction_isolation = 'READ-UNCOMMITTED'", "sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,NO_UNSIGNED_SUBTRACTION,HIGH_NOT_PRECEDENCE'"],
  mariadb: [...OF_BOTH, "max_statement_time = 0.001", "tx_isolation = 'READ-UNCOMMITTED'", "sql_mode = 'ORACLE'"],
};
