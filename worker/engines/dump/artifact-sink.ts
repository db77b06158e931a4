import { join } from "node:path";
import type { Artifact, ArtifactRole } from "#lib/contract/manifest/manifest.ts";
import { type ArtifactPart, artifactName, BODY_MARK } from "#lib/domain/backup/artifact-names.ts";
import type { TableRange } from "#lib/domain/backup/key-ranges.ts";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import type { Tools } from "#worker/ports/tools.ts";
import { type FileCompression, levelOf } from "#worker/streams/compression.ts";
import { type SealWriter, seal } from "#worker/streams/seal.ts";

/** What an artifact holds; numbers make its name. */
export interface ArtifactLabel {
  readonly part: ArtifactPart;
  readonly schema?: string | undefined;
  readonly schemaNumber?: number | undefined;
  readonly segment?: number | undefined;
  /** Lead before the body: statements that choose (and for tables create) the schema. */
  readonly lead: string;
}

export interface OpenArtifact {
  readonly writer: SealWriter;
  /** Ends the artifact and adds it to the set; `tables` names what a data artifact holds, `range` which rows of its one table where it holds not all. */
  close(tables?: readonly string[], range?: TableRange): Promise<void>;
  /** Ends it without adding it: its file is gone afterwards. */
  discard(): Promise<void>;
}

/** Sealed files of one set in the spool, and the list of them for the manifest; `onSealed` is told each file that is whole. */
export class ArtifactSink {
  readonly folder: string;
  readonly #compression: FileCompression;
  readonly #recipients: readonly string[];
  readonly #tools: Pick<Tools, "gpg" | "zstd">;
  readonly #tempDir: string;
  readonly #signal: AbortSignal;
  readonly #niceness: number | undefined;
  readonly #onSealed: ((artifact: Artifact) => void) | undefined;
  readonly #artifacts: Artifact[] = [];
  readonly #open = new Set<SealWriter>();
  #aborted: { readonly reason: unknown } | undefined;

  constructor(options: { folder: string; compression: FileCompression; recipients: readonly string[]; tools: Pick<Tools, "gpg" | "zstd">; tempDir: string; signal: AbortSignal; niceness?: number | undefined; onSealed?: ((artifact: Artifact) => void) | undefined }) {
    this.folder = options.folder;
    this.#compression = options.compression;
    this.#recipients = options.recipients;
    this.#tools = options.tools;
    this.#tempDir = options.tempDir;
    this.#signal = options.signal;
    this.#niceness = options.niceness;
    this.#onSealed = options.onSealed;
  }

  /** Finished artifacts in loading order. */
  get artifacts(): Artifact[] {
    return [...this.#artifacts].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws the reason once the sink was aborted: a child that is still reading then must not begin another artifact. */
  async open(label: ArtifactLabel): Promise<OpenArtifact> {
    if (this.#aborted) throw this.#aborted.reason;
    const name = artifactName(label.part, this.#compression.codec, label.schemaNumber, label.segment);
    const { level, noted } = levelOf(this.#compression, name);
    const writer = seal(
      {
        compression: this.#compression.codec,
        level,
        recipients: this.#recipients,
        tools: this.#tools,
        tempDir: this.#tempDir,
        signal: this.#signal,
        niceness: this.#niceness,
        plainDigest: label.part !== "data",
        // The spool is lost with the run; what counts is durable at a destination.
        durable: false,
      },
      join(this.folder, name),
    );
    this.#open.add(writer);
    await writer.write(Buffer.from(label.lead + BODY_MARK));
    return {
      writer,
      discard: async () => {
        this.#open.delete(writer);
        await writer.abort(new Error(`${name} is not wanted`));
      },
      close: async (tables, range) => {
        const sealed = await writer.end();
        this.#open.delete(writer);
        const artifact: Artifact = {
          name,
          role: ROLES[label.part],
          ...(label.schema !== undefined ? { schema: label.schema } : {}),
          ...(tables ? { tables: [...tables] } : {}),
          ...(range ? { range: { column: range.column, from: range.from, to: range.to } } : {}),
          ...noted,
          plain: { bytes: sealed.plainBytes, sha256: sealed.plainSha256 },
          sealed: { bytes: sealed.sealedBytes, sha256: sealed.sealedSha256, md5: sealed.sealedMd5 },
        };
        this.#artifacts.push(artifact);
        this.#onSealed?.(artifact);
      },
    };
  }

  /** Ends what is still open, removes its partial files, and takes nothing more. */
  async abort(reason: unknown): Promise<void> {
    this.#aborted ??= { reason };
    await Promise.allSettled([...this.#open].map((writer) => writer.abort(reason)));
    this.#open.clear();
  }
}

/** `USE` line that every artifact of a schema starts with. */
export function useLead(schema: string): string {
  return `USE ${quoteName(schema)};\n`;
}

const ROLES: Record<ArtifactPart, ArtifactRole> = {
  accounts: "accounts",
  tables: "schema",
  data: "data",
  routines: "routines",
  viewstubs: "views",
  views: "views",
  viewchecks: "views",
  triggers: "triggers",
  grants: "accounts",
  events: "events",
};
