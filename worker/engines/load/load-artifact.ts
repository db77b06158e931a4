import { Readable } from "node:stream";
import { type ArtifactPart, artifactPart } from "#lib/domain/backup/artifact-names.ts";
import { framedStatements } from "#worker/engines/dump/statement-frame.ts";
import { type ClientSession, type LoadTarget, startClient } from "./client-session.ts";
import { chain, leadRewriter, type Rewriter, renamedLead, sectionRewriter } from "./rewrite.ts";
import { runStatements } from "./run-statements.ts";
import { loadRows } from "./load-rows.ts";
import { statementCutter } from "./statement-cutter.ts";

/** An artifact that can be loaded: its plain SQL, opened when its turn comes. */
export interface LoadableArtifact {
  readonly name: string;
  readonly schema?: string | undefined;
  /** Data artifacts: the tables in it. */
  readonly tables?: readonly string[] | undefined;
  /** Only these tables' sections belong to what is loaded; absent = all of the artifact. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Bytes of plain SQL, for order and progress. */
  readonly bytes: number;
  /** The plain bytes. Must fail (not just end) when anything is wrong with them, as `unseal` does. */
  open(): Readable | Promise<Readable>;
}

export interface ArtifactChanges {
  /** Load into this schema instead of the artifact's own. */
  readonly schema?: string | undefined;
  /** Load the sections of these tables only (tables and data artifacts). */
  readonly tables?: ReadonlySet<string> | undefined;
  /** Further changes of the body, applied last. */
  readonly body?: Rewriter | undefined;
}

/**
 * Loads one artifact: rows and tables stream into the client of the target's family (rows into `LOAD DATA LOCAL` where the target allows it), framed definitions go over a connection statement by statement.
 * Stops at the first error of any stage; the client is killed before it could run half a statement. Faults: LOAD_FAILED, CANCELLED, and those of the artifact's stream (UNSEAL_FAILED, COPY_CORRUPT …).
 */
export async function loadArtifact(target: LoadTarget, artifact: LoadableArtifact, changes: ArtifactChanges = {}, onBytes: (bytes: number) => void = () => undefined): Promise<void> {
  const part = artifactPart(artifact.name) ?? "";
  if (part === "data" && target.localRows) return loadRows(target, { name: artifact.name, source: await artifact.open(), rewriter: rewriterFor(artifact, changes) }, onBytes);
  if (!PROGRAM_PARTS.has(part)) return streamArtifact(target, artifact, changes, onBytes);
  const text = await wholeText(artifact, changes, onBytes);
  const statements = framedStatements(text);
  if (statements) return runStatements(target, statements, artifact.name);
  return streamArtifact(target, { ...artifact, open: () => Readable.from([Buffer.from(text, "latin1")]) });
}

/** Small definitions, whose bodies the client would change. */
const PROGRAM_PARTS: ReadonlySet<string> = new Set(["routines", "viewstubs", "views", "viewchecks", "triggers", "events"] satisfies ArtifactPart[]);

async function wholeText(artifact: LoadableArtifact, changes: ArtifactChanges, onBytes: (bytes: number) => void): Promise<string> {
  const rewriter = rewriterFor(artifact, changes);
  const pieces: Buffer[] = [];
  for await (const chunk of (await artifact.open()) as AsyncIterable<Buffer>) {
    pieces.push(...(rewriter ? rewriter.push(chunk) : [chunk]));
    onBytes(chunk.length);
  }
  pieces.push(...(rewriter?.end() ?? []));
  return Buffer.concat(pieces).toString("latin1");
}

async function streamArtifact(target: LoadTarget, artifact: LoadableArtifact, changes: ArtifactChanges = {}, onBytes: (bytes: number) => void = () => undefined): Promise<void> {
  const source = await artifact.open();
  const session = startClient(target, artifact.name);
  const changed = rewriterFor(artifact, changes);
  const cutter = artifactPart(artifact.name) === "data" ? statementCutter(artifact.name) : null;
  const rewriter = changed && cutter ? chain([changed, cutter]) : (changed ?? cutter);
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      for (const piece of rewriter ? rewriter.push(chunk) : [chunk]) await give(session, piece);
      onBytes(chunk.length);
    }
    for (const piece of rewriter?.end() ?? []) await give(session, piece);
  } catch (error) {
    source.destroy();
    await session.abandon();
    throw error;
  }
  await session.finish();
}

function rewriterFor(artifact: LoadableArtifact, changes: ArtifactChanges): Rewriter | null {
  const rewriters: Rewriter[] = [];
  const { schema } = artifact;
  if (schema !== undefined && changes.schema !== undefined && changes.schema !== schema) {
    const to = changes.schema;
    rewriters.push(leadRewriter(artifact.name, (lead) => renamedLead(lead, schema, to)));
  }
  for (const sections of [artifact.only, changes.tables]) if (sections) rewriters.push(sectionRewriter(sections));
  if (changes.body) rewriters.push(changes.body);
  return rewriters.length === 0 ? null : chain(rewriters);
}

async function give(session: ClientSession, piece: Buffer): Promise<void> {
  const wait = session.write(piece);
  if (wait) await wait;
}
