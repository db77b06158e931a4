#!/bin/sh
# Makes the passwords of docker-compose.yml, once. The folder is closed to others; containers see single files of it.
set -eu
folder=$(dirname "$0")/secrets
mkdir -p "$folder"
chmod 0700 "$folder"
new() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }
keep() {
  [ -e "$folder/$1" ] && return 0
  printf '%s' "$2" >"$folder/$1"
  chmod 0444 "$folder/$1"
}
keep postgres-password "$(new)"
keep redis-password "$(new)"
keep mysql-root-password "$(new)"
keep mysql-backup-password "$(new)"
keep database-url "postgresql://salvagente:$(cat "$folder/postgres-password")@postgres:5432/salvagente"
keep redis-url "redis://:$(cat "$folder/redis-password")@redis:6379/0"
keep redis-conf "appendonly yes
maxmemory-policy noeviction
save \"\"
requirepass $(cat "$folder/redis-password")
"
