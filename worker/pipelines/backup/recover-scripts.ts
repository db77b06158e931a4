export interface RecoverScripts {
  readonly settings: string;
  readonly check: string;
  readonly key: string;
  readonly login: string;
  readonly everything: string;
  readonly schemas: string;
  readonly oneSchema: string;
  readonly references: string;
  readonly counts: string;
  readonly finish: string;
}

/** The commands of RECOVER.md as fenced `sh` blocks for bash, meant for one terminal in this order. Secrets stay out of command lines. */
export function recoverScripts(client: "mysql" | "mariadb"): RecoverScripts {
  return {
    settings: `${block(`FOLDER=$PWD/full/20260101T000000Z-000000   # the folder with manifest.json and the *.gpg files, or one under differential/
KEY=/media/usb/private-key.asc              # private key, operations or escrow
LOGIN=$PWD/login.cnf                        # file with the login of the new server, see below`)}

\`LOGIN\` is a text file that only you can read (\`chmod 600\`), with these lines; quote the password, and write \`\\\\\` for each backslash in it:

\`\`\`ini
[client]
user = root
password = "…"
socket = /run/mysqld/mysqld.sock
\`\`\``,

    check: block(`cd "$FOLDER"
manifest() { python3 -c '
import json, sys
signed = json.load(open("manifest.json", encoding="utf-8"))
m = signed["manifest"]
quote = lambda name: "\`" + name.replace("\`", "\`\`") + "\`"
text = lambda value: "_utf8mb4 0x" + value.encode().hex()
full = m.get("parent") or {"artifacts": [], "setId": "", "recipients": m["recipients"]}
def files(number=0):
    every = [(a["name"], a) for a in m["artifacts"]] + [("../../full/" + full["setId"] + "/" + a["name"], a) for a in full["artifacts"]]
    schema = m["inventory"]["schemas"][number - 1]["name"] if number else None
    return sorted((e for e in every if schema is None or e[1].get("schema", schema) == schema), key=lambda e: e[1]["name"])
exec(sys.argv[1])' "$@"; }
manifest 'print("source", m["server"]["version"], "at", m["snapshotAt"], "plain bytes", sum(a["plain"]["bytes"] for path, a in files()))'
manifest 'print("opens with any of:", *m["recipients"]); full["recipients"] != m["recipients"] and print("and its full with any of:", *full["recipients"])'
manifest '[print(a["sealed"]["sha256"] + "  " + path) for path, a in files()]' | sha256sum --check || echo "STOPPED: take another copy of this set, or another set"`),

    key: block(`export GNUPGHOME=$(mktemp -d) GPG_TTY=$(tty)
gpg --import "$KEY"
gpg --list-secret-keys`),

    login: block(`set -o pipefail
sql() { ${client} --defaults-file="$LOGIN" --default-character-set=utf8mb4 "$@"; }
sql_load() { sql --binary-mode --comments --skip-reconnect --max-allowed-packet=1G --init-command="SET SESSION autocommit=1, sql_log_bin=0" "$@"; }
unseal() {
  case $1 in
    *.zst.gpg) gpg --quiet --decrypt "$1" | zstd -dcq ;;
    *.gz.gpg) gpg --quiet --decrypt "$1" | gzip -dc ;;
  esac
}
open_file() {
  case $1 in
    */*) unseal "$1" | manifest '
heading = b"-- Dumping data for table "
wanted = {heading + quote(table).encode() + b"\\n" for path, a in files() if path == sys.argv[2] for table in a["tables"]}
keep = True
for line in sys.stdin.buffer:
    if line.startswith(heading): keep = line in wanted
    if keep: sys.stdout.buffer.write(line)' "$1" ;;
    *) unseal "$1" ;;
  esac
}
sql -e "SELECT VERSION(); SHOW DATABASES; SET GLOBAL event_scheduler = OFF"`),

    everything: block(`for f in $(manifest '[print(path) for path, a in files()]'); do
  echo "$f"
  open_file "$f" | sql_load || { echo "STOPPED at $f: read the message above, begin again with an empty server"; break; }
done`),

    schemas: block(`manifest '[print("%05d" % n, s["name"]) for n, s in enumerate(m["inventory"]["schemas"], 1)]'`),

    oneSchema: block(`NUMBER=00001
NAME=name_it_shall_have
rename() { python3 -c '
import json, re, shutil, sys
number, new, name = int(sys.argv[1]), sys.argv[2], sys.argv[3]
old = json.load(open("manifest.json", encoding="utf-8"))["manifest"]["inventory"]["schemas"][number - 1]["name"]
quote = lambda name: b"\`" + name.replace("\`", "\`\`").encode() + b"\`"
source, to = sys.stdin.buffer, sys.stdout.buffer
own = re.compile(rb"( ON (?:FUNCTION |PROCEDURE )?)(?:" + re.escape(quote(old)) + b"|" + re.escape(quote(old.replace("_", "\\\\_"))) + rb")(?=\\.)")
if name.startswith("405-grants"):
    for line in source:
        if own.search(line): to.write(own.sub(lambda found: found[1] + quote(new), line, count=1))
else:
    for line in source:
        body = line == b"-- salvagente: body\\n"
        to.write(line if body else line.replace(quote(old), quote(new)))
        if body: break
    shutil.copyfileobj(source, to)' $((10#$NUMBER)) "$NAME" "$1"; }
for f in $(manifest '[print(path) for path, a in files(int(sys.argv[2]))]' $((10#$NUMBER))); do
  force=
  case $f in
    000-accounts*) ;;
    405-grants*) force=--force ;;
    410-views-* | 500-triggers-*) force=--force ;;
  esac
  echo "$f"
  if [ -z "$force" ]; then
    open_file "$f" | rename "$f" | sql_load || { echo "STOPPED at $f: read the message above, begin again with an empty server"; break; }
  else
    open_file "$f" | rename "$f" | sql_load --force || echo "see the messages above: what names another schema was left out"
  fi
done
manifest 'print("SELECT HEX(TABLE_NAME) FROM information_schema.VIEWS WHERE TABLE_SCHEMA =", text(sys.argv[2]), "AND VIEW_DEFINITION REGEXP", text("^select 1 AS \`[^\`]*\`(,1 AS \`[^\`]*\`)*$"))' "$NAME" | sql -N | while read -r view; do
  manifest 'print("DROP VIEW", quote(sys.argv[2]) + "." + quote(bytes.fromhex(sys.argv[3]).decode()))' "$NAME" "$view" | sql --verbose
done`),

    references: block(`OLD=$(manifest 'print(m["inventory"]["schemas"][int(sys.argv[2]) - 1]["name"])' $((10#$NUMBER)))
[ "$OLD" = "$NAME" ] || for f in 300-routines-$NUMBER.* 410-views-$NUMBER.* 500-triggers-$NUMBER.* 600-events-$NUMBER.*; do
  [ -e "$f" ] && open_file "$f" | grep --text --line-number --fixed-strings -e "$OLD." -e "\\\`$OLD\\\`" | grep --text --invert-match "^1:USE"
done`),

    counts: block(`manifest '
only, name = (int(sys.argv[2] or 0), sys.argv[3]) if len(sys.argv) > 2 else (0, "")
for n, s in enumerate(m["inventory"]["schemas"], 1):
    if only and n != only: continue
    for t in s["tables"]:
        print("SELECT", text(s["name"] + "." + t["name"]), "AS tbl,", t["rows"], "AS recorded, COUNT(*) AS found FROM", quote(name or s["name"]) + "." + quote(t["name"]), "HAVING found <> recorded;")
' \${NUMBER:+$((10#$NUMBER)) "$NAME"} | sql --binary-mode && echo compared`),

    finish: block(`sql -e "SET GLOBAL event_scheduler = ON"
gpgconf --kill gpg-agent; rm -rf "$GNUPGHOME"; unset GNUPGHOME`),
  };
}

function block(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``;
}
