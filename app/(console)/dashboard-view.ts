import { getTimeZone } from "next-intl/server";
import { cache } from "react";
import type { Dashboard } from "#lib/contract/views/status.ts";
import { readDashboard } from "#lib/services/status/read-dashboard.ts";
import { pageContext } from "../current-actor.ts";

/** The state of everything, read once per request for header and page. */
export const dashboard = cache(async (): Promise<Dashboard> => {
  const [context, timeZone] = await Promise.all([pageContext(), getTimeZone()]);
  return readDashboard(context, { timeZone });
});
