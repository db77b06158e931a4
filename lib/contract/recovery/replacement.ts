import { z } from "zod";
import { instant, runId, slug } from "../names.ts";

/**
 * What an exchange of two data directories must be told to be ended or taken back by somebody else, on disk before anything is renamed. `began`: how far it got, only the
 * names tell. `replaced`, `taken-back`: over. `undone`: later.
 */
export const replacementRecord = z.object({
  v: z.literal(1),
  runId,
  at: instant,
  server: slug,
  /** Path that the server uses. */
  folder: z.string(),
  /** Where the one that gives way is kept. */
  kept: z.string(),
  /** Where the one that comes waits for its name. */
  incoming: z.string(),
  /** Inode numbers of the two, which go with them. */
  was: z.string(),
  comes: z.string(),
  state: z.enum(["began", "replaced", "taken-back", "undone"]),
  /** Its systemd unit. */
  unit: z.string(),
  /** Commands that start the server afterwards. */
  start: z.array(z.string()),
  /** The run whose exchange this takes back. */
  undoes: runId.optional(),
});
export type ReplacementRecord = z.infer<typeof replacementRecord>;
