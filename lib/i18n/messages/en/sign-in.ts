import type { signIn as it } from "../it/sign-in.ts";

export const signIn: typeof it = {
  title: "Sign in",
  lead: "Backup and recovery of MySQL and MariaDB.",
  email: "E-mail",
  password: "Password",
  submit: "Sign in",
  submitting: "Checking…",
  refused: "Sign-in refused",
  refusedWhy: "E-mail or password is wrong, or the account is locked after too many attempts.",
  refusedTodo: "Check and try again. After several failures the account is locked for some minutes: a DBA can unlock it.",
  down: "Sign-in is not available",
  downWhy: "The metadata database does not answer.",
  downTodo: "Backups go on. On the host use: salvagente list",
  consoleDead: "Console not answering any more? On the database host:",
};
