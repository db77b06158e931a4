#!/bin/bash
# Runs once, when the demo server is made: the account that backups use, with what docs/operations.md lists and nothing more.
set -eu
password=$(cat /run/secrets/mysql-backup-password)
# printf is the shell's own: no password in anybody's argv.
mysql --defaults-extra-file=<(printf '[client]\nuser=root\npassword="%s"\n' "$(cat /run/secrets/mysql-root-password)") <<SQL
CREATE USER salvagente_backup@'%' IDENTIFIED BY '$password';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, FLUSH_TABLES, BACKUP_ADMIN, REPLICATION CLIENT ON *.* TO salvagente_backup@'%';
SQL
