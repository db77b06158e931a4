import { dirname, join } from "node:path";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import { partsOf } from "#lib/contract/manifest/parts.ts";

/** What making a data directory of a physical set comes to by hand, as plans show it. Without `data`, where that lies is nobody's business. */
export function unpackCommands(manifest: Manifest, data?: string): string[] {
  const changes = data === undefined ? "changes" : join(dirname(data), "changes");
  const pages = manifest.physical?.increment !== undefined;
  const unpack = partsOf(manifest).map(({ artifact, codec, setId }) => {
    const folder = pages && setId === manifest.id ? changes : data;
    return `gpg -d ${artifact.name} | ${codec === "zstd" ? "zstd -d" : "gzip -d"} | tar -x${folder === undefined ? "" : ` -C ${folder}`}`;
  });
  return pages ? [...unpack, `mariadb-backup --prepare --target-dir=${data ?? "."} --incremental-dir=${changes}`] : unpack;
}
