import type { z } from "zod";
import type { SetPage } from "#lib/contract/views/backup.ts";
import { findSets, setFilters } from "#lib/store/backup/find-sets.ts";
import { pageInput } from "#lib/store/page.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const listSetsInput = setFilters.extend(pageInput.shape);
export type ListSetsInput = z.input<typeof listSetsInput>;

/** A page of the catalog, newest snapshot first. */
export async function listSets(context: ServiceContext, input: ListSetsInput): Promise<SetPage> {
  await permit(context, "run.view");
  const { page, pageSize, ...filters } = parseInput(listSetsInput, input);
  return findSets(context.db, context.actor.role, filters, { page, pageSize });
}
