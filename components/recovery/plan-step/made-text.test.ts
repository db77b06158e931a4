import { expect, it } from "vitest";
import { saidBy } from "./made-text.ts";

it.each([
  ["isolated server", { key: "isolated", values: {} }],
  ["server at port 3310", { key: "port", values: { port: "3310" } }],
  ["safety copy of shop of Anna", { key: "safety", values: { name: "shop of Anna" } }],
  ["shop_new (staging)", { key: "staging", values: { name: "shop_new" } }],
  ["accounts that are missing", { key: "accounts", values: {} }],
  ["replay 3 binary log files, stop at binlog.000418:48221910", { key: "replay", values: { count: "3", place: "binlog.000418:48221910" } }],
  ["/srv/mysql/db/my.cnf", null],
  ["gpg -d 700-files-00001.tar.zst.gpg | zstd -d | tar -x", null],
])("%s", (text, said) => expect(saidBy(text)).toEqual(said));
