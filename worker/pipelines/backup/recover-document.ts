import { binlogSection } from "./recover-binlogs.ts";
import { dataFilesSection } from "./recover-data-files.ts";
import { recoverScripts } from "./recover-scripts.ts";

/**
 * RECOVER.md, kept beside a server's sets: how to get the data back with gpg, zstd or gzip, python3 and the database client alone.
 * Standing text: it names no set, so that it is true for every one of them. Its `sh` blocks are run by a test as they stand.
 */
export function recoverDocument(server: { name: string; flavor: "mysql" | "mariadb" }): string {
  const client = server.flavor === "mysql" ? "mysql" : "mariadb";
  const sh = recoverScripts(client);
  return `# Recover «${server.name}» without Salvagente

Nothing of Salvagente is needed. Take your time: nothing here changes the backup, and every step can be done again on a new empty server.
Every folder under \`full/\` is one complete backup at one instant, **if it holds a \`manifest.json\`** (written last).
A folder without it is an interrupted backup: leave it alone.
A folder under \`differential/\` is a backup at a later instant **together with the one folder under \`full/\`** that its \`manifest.json\` names (\`"parent":{"setId":…\`):
it holds all definitions, and the rows of those tables that had changed. The rows of the other tables are in files of the full, which the commands below fetch from there.

Fill in when you print this page (fingerprints of the keys that open the backups; each one alone is enough):

| key | fingerprint | who has the private key, where |
|---|---|---|
| operations | ________________________________________ | ________________ |
| escrow (for the day when the operations key is lost) | ________________________________________ | ________________ |

You need
- the files of one folder under \`full/\`, all in one place (from S3: copy the folder with any S3 program); for a differential its folder and that of its full,
  beside each other as they were: \`…/full/<set>/\`, \`…/differential/<set>/\`,
- the private key of **one** of the recipients, operations **or** escrow,
- \`bash\`, \`gpg\`, \`zstd\` (for \`.zst.gpg\`) or \`gzip\` (for \`.gz.gpg\`), \`python3\`, \`sha256sum\`, and the client \`${client}\`,
- a new, **empty** ${server.flavor === "mysql" ? "MySQL" : "MariaDB"} server of the same or a newer version than the source (step 2 prints it), started with \`max_allowed_packet=1G\`,
  and disk space for about three times the plain bytes that step 2 prints.

| file | what it is |
|---|---|
| \`manifest.json\` | what the set holds: digests of all files, tables with their row counts, place in the binary log; signed |
| \`verification.json\` | what the last verification found; not needed here |
| \`000-accounts\` | \`CREATE USER\`, \`CREATE ROLE\` with password hashes (definers must exist first) |
| \`100-tables-NNNNN\` | a schema and its empty tables; NNNNN is the number of the schema, 5 digits |
| \`200-data-NNNNN-MMMMM\` | rows of one or more tables of schema NNNNN, part MMMMM; of a large table, some of its rows (all its files together hold them) |
| \`300-routines\`, \`400-viewstubs\`, \`410-views\`, \`500-triggers\`, \`600-events\` | the rest of the schema; events are last so that none fires during the load |
| \`405-grants\` | rights and default roles of the accounts |

Every file is SQL text, compressed, then sealed by OpenPGP. The names sort into loading order.

Open **one** terminal with \`bash\` and paste the blocks in order; do not go on after a line that says STOPPED.

## 1. Settings: change these lines to yours

${sh.settings}

## 2. Check the files

Every line must end with \`OK\`. It also prints the source's version and which keys open the set.

${sh.check}

By hand, without python3: the text \`"sealed":{"bytes":…,"sha256":"…"\` after each file's name in \`manifest.json\` is what \`sha256sum <file>\` must print.

## 3. Import the private key

Into a keyring of its own, which is thrown away at the end. If the key has a passphrase, gpg asks for it here or in step 5.

${sh.key}

## 4. Log in to the empty server

It must print the version and no schema of yours. Events are switched off until step 7.

${sh.login}

While the server writes a binary log and you are not its administrator (\`SUPER\`), it also needs \`SET GLOBAL log_bin_trust_function_creators = 1\`.
If it refuses \`sql_log_bin\` (managed servers), take \`, sql_log_bin=0\` out of \`sql_load\`.

## 5a. Everything

${sh.everything}

## 5b. Or one schema only

The block lists the schemas with their numbers. Change the two lines below it: the number, and the name that it shall have (the old one, or a
new one to put it beside).

${sh.schemas}

${sh.oneSchema}

Of the rights, those on this schema are given (under its new name), no others. A view or trigger that names a schema which is not there is
answered by an error and left out; the last command removes the stand-ins (\`400-viewstubs\`) of such views. Into a server that is **in use**, keep accounts and rights as they are: write \`continue ;;\` in place of what stands
after \`000-accounts*)\` and \`405-grants*)\`.
Under a new name only the schema's own lead (\`CREATE DATABASE\`, \`USE\`, above the line \`-- salvagente: body\`) is changed, never the text below:
routines, triggers, events and views that spell out the old name still mean the old schema. Find them before anybody uses the copy:

${sh.references}

## 6. Compare row counts with the manifest

Prints nothing but \`compared\` when every table has the rows that were counted during the backup.

${sh.counts}

## 7. Go on from there

Switch events on only now, and only if this server is to take over:

${sh.finish}

${binlogSection(server.flavor)}${dataFilesSection(server.flavor)}\`manifest.coordinate\` in \`manifest.json\` is the exact place in the binary log where this backup stands (file, position, GTID set):
replicas and replays of later changes start there.
`;
}
