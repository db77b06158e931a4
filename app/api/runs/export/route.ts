import { getTimeZone } from "next-intl/server";
import { exportRuns } from "#lib/services/run/export-runs.ts";
import { readFilters, toInput } from "../../../(console)/activity/filters.ts";
import { requestContext } from "../../../current-actor.ts";
import { faultResponse } from "../../../fault-response.ts";
import { textStream } from "../../../text-stream.ts";

/** The filtered activity as CSV, streamed; the address carries the same filters as the page. */
export async function GET(request: Request): Promise<Response> {
  try {
    const [context, zone] = await Promise.all([requestContext(), getTimeZone()]);
    const { filters } = readFilters(Object.fromEntries(new URL(request.url).searchParams));
    const now = context.clock.now();
    const pieces = await exportRuns(context, { ...toInput(filters, zone, now), timeZone: zone });
    const name = `salvagente-${new Date(now).toISOString().slice(0, 19).replaceAll(":", "")}Z.csv`;
    return new Response(textStream(pieces), {
      headers: { "Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="${name}"`, "Cache-Control": "no-store" },
    });
  } catch (error) {
    return faultResponse(error);
  }
}
