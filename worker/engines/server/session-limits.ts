/**
 * Settings for `SET SESSION` that a server's administrator may have changed for all who connect, for an application's sake, and with which reading would end early: after so many rows without a word, or with an error
 * after so long or so much. Both families.
 */
export const WITHOUT_LIMITS = "sql_select_limit = 18446744073709551615, sql_big_selects = 1 /*!50708 , max_execution_time = 0 */ /*M! , max_statement_time = 0 */";

/** What was written is there, without a COMMIT, and a COMMIT neither begins the next transaction nor ends the connection: on a server with `autocommit` off, or `completion_type` set, whoever loads statements and goes leaves nothing behind. */
export const COMMITTING = "autocommit = 1, completion_type = 0";
