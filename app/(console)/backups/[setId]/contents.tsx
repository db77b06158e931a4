import { SetContentsView } from "#components/backup/set-contents.tsx";
import { FaultPanel } from "#components/ui/fault-panel.tsx";
import { readSet } from "#lib/services/backup/read-set.ts";
import { pageContext } from "../../../current-actor.ts";
import { shown } from "../../../show-fault.ts";

/** Asks the host for the manifest: may take seconds, so it stands inside Suspense. */
export async function Contents({ id }: { readonly id: string }) {
  const context = await pageContext();
  const { contents } = await shown(readSet(context, { id, withContents: true }));
  if (!contents) return null;
  return contents.ok ? <SetContentsView manifest={contents.manifest} /> : <FaultPanel fault={contents.fault} reference={`set ${id}`} />;
}
