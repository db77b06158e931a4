/** Longest beginning that is looked at (thousands of long column names have a longer one), and the one that nearly all have. */
export const HEAD_LIMIT = 64 * 1024;
export const SHORT_HEAD = 1024;

/** A quoted name as dump programs write it; text of one character for each byte. */
export const NAME = "`(?:[^`]|``)+`";

/**
 * What stands before the rows of an INSERT, as dump programs write it, up to the first row's parenthesis: the schema (if named), the table, its columns where some are generated or invisible.
 */
export const INSERT_HEAD = new RegExp(`^INSERT (?:IGNORE )?INTO (?:(${NAME})\\.)?(${NAME}) (?:\\((${NAME}(?:, ?${NAME})*)\\) )?VALUES\\s*(?=\\()`);
