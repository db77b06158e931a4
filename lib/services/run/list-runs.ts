import type { z } from "zod";
import type { RunPage } from "#lib/contract/views/run.ts";
import { pageInput } from "#lib/store/page.ts";
import { findRuns, runFilters } from "#lib/store/run/find-runs.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const listRunsInput = runFilters.extend(pageInput.shape);
export type ListRunsInput = z.input<typeof listRunsInput>;

/** A page of the activity log, newest first. */
export async function listRuns(context: ServiceContext, input: ListRunsInput): Promise<RunPage> {
  await permit(context, "run.view");
  const { page, pageSize, ...filters } = parseInput(listRunsInput, input);
  return findRuns(context.db, context.actor.role, filters, { page, pageSize });
}
