import { Fault } from "#lib/domain/fault/fault.ts";
import { isFaultCode } from "#lib/domain/fault/table.ts";
import { readSet } from "#lib/services/backup/read-set.ts";
import { requestContext } from "../../../../current-actor.ts";
import { faultResponse } from "../../../../fault-response.ts";

/** The manifest of a set as a file, read from storage by the host; audited as an access to the backup. */
export async function GET(_request: Request, { params }: { readonly params: Promise<{ id: string }> }): Promise<Response> {
  try {
    const [{ id }, context] = await Promise.all([params, requestContext()]);
    const { contents, server } = await readSet(context, { id, withContents: true });
    if (!contents) throw new Fault("NOT_FOUND", { params: { kind: "manifest", id } });
    if (!contents.ok) throw new Fault(isFaultCode(contents.fault.code) ? contents.fault.code : "UNEXPECTED", { params: contents.fault.params });
    return new Response(JSON.stringify(contents.manifest, null, 2), {
      headers: { "Content-Type": "application/json; charset=utf-8", "Content-Disposition": `attachment; filename="${server}-${id}-manifest.json"`, "Cache-Control": "no-store" },
    });
  } catch (error) {
    return faultResponse(error);
  }
}
