import { activity } from "./en/activity.ts";
import { backups } from "./en/backups.ts";
import { dashboard } from "./en/dashboard.ts";
import { instant } from "./en/instant.ts";
import { people } from "./en/people.ts";
import { recovery } from "./en/recovery.ts";
import { run } from "./en/run.ts";
import { settings } from "./en/settings.ts";
import { shell } from "./en/shell.ts";
import { signIn } from "./en/sign-in.ts";
import { status } from "./en/status.ts";
import { swap } from "./en/swap.ts";
import { timeline } from "./en/timeline.ts";
import { ui } from "./en/ui.ts";
import type { it } from "./it.ts";

export const en: typeof it = { activity, backups, dashboard, instant, people, recovery, run, settings, shell, signIn, status, swap, timeline, ui };
