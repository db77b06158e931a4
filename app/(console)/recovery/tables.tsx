import { TablePicker } from "#components/recovery/scope-step/table-picker.tsx";
import { FaultPanel } from "#components/ui/fault-panel.tsx";
import { readSet } from "#lib/services/backup/read-set.ts";
import { pageContext } from "../../current-actor.ts";
import { shown } from "../../show-fault.ts";

/** Tables of one schema, from the manifest on storage: may take seconds, so it stands inside Suspense. */
export async function Tables({ id, schema, chosen }: { readonly id: string; readonly schema: string; readonly chosen: readonly string[] }) {
  const { contents } = await shown(readSet(await pageContext(), { id, withContents: true }));
  if (!contents) return null;
  if (!contents.ok) return <FaultPanel fault={contents.fault} reference={`set ${id}`} />;
  const tables = contents.manifest.inventory.schemas.find((one) => one.name === schema)?.tables ?? [];
  return <TablePicker tables={tables.map(({ name, rows }) => ({ name, rows }))} chosen={chosen} />;
}
