/** Section of RECOVER.md on the archive of binary logs, with one `sh` block that opens all of it into a folder `opened`. */
export function binlogSection(flavor: "mysql" | "mariadb"): string {
  const [reader, client] = flavor === "mysql" ? ["mysqlbinlog", "mysql"] : ["mariadb-binlog", "mariadb"];
  return `## 8. Changes after the backup: the binary logs

If the server's binary logs are archived, \`binlog/<server's uuid>/<epoch>/\` holds them (\`manifest.coordinate\` and \`manifest.server\` say where this backup stands in them; of several epochs the
one that was written after the backup). \`<name>.zst.gpg\` is a closed file. Of the file that was still open there are pieces, \`<name>.<from>-<end>.tail.zst.gpg\`, which are put together in order.
In the terminal of step 3, in that folder, with room for about four times its bytes:

\`\`\`sh
${OPEN_LOGS}
\`\`\`

Then replay, **in one call** and in the order of their numbers, from the place of the backup up to just before what must not happen again. Look at the files with
\`${reader} -v --base64-output=DECODE-ROWS\` to find that place; a time is no safe end, since clients can write any time into the log. The last file may end within an event: stop at a place before its end.

    cd opened && ${reader} --verify-binlog-checksum --start-position=<position of the backup> --stop-position=<the place> <first file> … <last file> | ${client} --defaults-extra-file="$LOGIN" --binary-mode

`;
}

const OPEN_LOGS = `mkdir -p opened
for f in *.zst.gpg; do
  case $f in *.tail.zst.gpg|*.transactions.zst.gpg) continue ;; esac
  gpg -d "$f" | zstd -q -d > "opened/\${f%.zst.gpg}" || { echo "STOPPED: $f"; break; }
done
ls | sed -n 's/\\.[0-9]*-[0-9]*\\.tail\\.zst\\.gpg$//p' | sort -u | while read -r name; do
  [ -e "$name.zst.gpg" ] && continue
  : > "opened/$name"
  at=0
  while end=$(ls | sed -n "s/^$name\\.$at-\\([0-9]*\\)\\.tail\\.zst\\.gpg$/\\1/p" | sort -n | tail -n 1); [ -n "$end" ]; do
    gpg -d "$name.$at-$end.tail.zst.gpg" < /dev/null | zstd -q -d >> "opened/$name" || { echo "STOPPED: $name at $at"; break; }
    at=$end
  done
done`;
