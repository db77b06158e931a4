import { activity } from "./it/activity.ts";
import { backups } from "./it/backups.ts";
import { dashboard } from "./it/dashboard.ts";
import { instant } from "./it/instant.ts";
import { people } from "./it/people.ts";
import { recovery } from "./it/recovery.ts";
import { run } from "./it/run.ts";
import { settings } from "./it/settings.ts";
import { shell } from "./it/shell.ts";
import { signIn } from "./it/sign-in.ts";
import { status } from "./it/status.ts";
import { swap } from "./it/swap.ts";
import { timeline } from "./it/timeline.ts";
import { ui } from "./it/ui.ts";

export const it = { activity, backups, dashboard, instant, people, recovery, run, settings, shell, signIn, status, swap, timeline, ui };
