import { DROP_GTID } from "./seed-instant.ts";

/** What `scripts/screens/console.ts` tells on its one line. */
export interface SeededConsole {
  readonly url: string;
  readonly password: string;
  readonly running: string;
  readonly failed: string;
  readonly done: string;
  readonly plans: { readonly beside: string; readonly inPlace: string; readonly instance: string; readonly replace: string };
  readonly swaps: { readonly plan: string; readonly swapped: string; readonly lost: string };
}

/** Every page and every step of the wizard: name of its picture, address, what it shows. */
export function pagesOf({ running, failed, done, plans, swaps }: SeededConsole): readonly (readonly [name: string, path: string, shows: string])[] {
  return [
    ["sign-in", "/sign-in", "Sign-in"],
    ["dashboard", "/dashboard", "The first page: protected or not, back to when, in what time, proven when, what to do"],
    ["activity", "/activity?state=problems&when=30d", "Activity, here what went wrong in thirty days"],
    ["run", `/activity/${running}`, "A backup at work: stage, time left, log as it comes"],
    ["run-failed", `/activity/${failed}`, "A failed run: what, why, what to do"],
    ["backups", "/backups", "Backups, their copies, how far each is proven"],
    ["set", `/backups/${done}`, "One backup and its proof"],
    ["recovery-1-set", "/recovery", "Recovery 1: to which instant"],
    ["recovery-1-instant", "/recovery?server=gestionelogistica&way=time", "Recovery 1: a date and time"],
    ["recovery-1-dangers", "/recovery?server=gestionelogistica&way=event", "Recovery 1: just before an event, out of the danger list"],
    ["recovery-1-exact", `/recovery?server=gestionelogistica&wanted=before&at=${DROP_GTID}`, "Recovery 1: the exact point, what is in and what is lost"],
    ["recovery-2-scope", `/recovery?set=${done}&scope=server`, "Recovery 2: what"],
    ["recovery-3-target", `/recovery?set=${done}&scope=schemas&schemas=gestionelogistica&done=1`, "Recovery 3: where"],
    ["recovery-3-target-in-place", `/recovery?set=${done}&scope=schemas&schemas=gestionelogistica&target=in-place&done=1`, "Recovery 3: in place, judged by own checks"],
    ["recovery-3-target-instance", `/recovery?server=gestionelogistica&wanted=before&at=${DROP_GTID}&set=${done}&scope=server&accounts=1&target=instance&done=1`, "Recovery 3: as a new server"],
    ["recovery-3-target-replace", `/recovery?server=gestionelogistica&wanted=before&at=${DROP_GTID}&set=${done}&scope=server&accounts=1&target=replace&done=1`, "Recovery 3: in the place of a stopped server's files"],
    ["recovery-4-plan", `/recovery/${plans.beside}`, "Recovery 4: the plan, with times and commands"],
    ["recovery-4-plan-instance", `/recovery/${plans.instance}`, "Recovery 4: a new server as of an instant, and the other roads to it"],
    ["recovery-4-plan-replace", `/recovery/${plans.replace}`, "Recovery 4: a stopped server's data directory, and what follows from it"],
    ["recovery-5-confirm", `/recovery/${plans.beside}?confirm=1`, "Recovery 5: confirmed by holding"],
    ["recovery-5-confirm-in-place", `/recovery/${plans.inPlace}?confirm=1`, "Recovery 5, in place: confirmed by typing the name"],
    ["recovery-5-confirm-replace", `/recovery/${plans.replace}?confirm=1`, "Recovery 5, a stopped server's data directory: confirmed by typing its name"],
    ["swap-plan", `/recovery/swap/${swaps.plan}`, "The swap: both sides, what was written since, who holds the tables"],
    ["swap-run", `/activity/${swaps.swapped}`, "A swap that stands, and what may follow"],
    ["swap-run-lost", `/activity/${swaps.lost}`, "A swap whose worker was lost"],
    ["swaps", "/recovery/swap", "Every swap and how it stands"],
    ["emergency", "/emergency", "Emergency: three symptoms, and what to do without this console"],
    ["settings", "/settings", "Settings: hosts"],
    ["settings-servers", "/settings/servers", "Settings: servers"],
    ["settings-destinations", "/settings/destinations", "Settings: destinations"],
    ["settings-keys", "/settings/keys", "Settings: keys"],
    ["settings-policies", "/settings/policies", "Settings: policies"],
    ["settings-schedules", "/settings/schedules", "Settings: schedules"],
    ["settings-server-edit", "/settings/servers/edit?name=gestionelogistica", "A server, with checks of one's own"],
    ["settings-edit", "/settings/policies/edit?name=notturno", "A policy"],
    // the field that is asked for opens the part that it stands in
    ["settings-edit-fine", "/settings/policies/edit?name=prova-manuale#rangeMiB", "A policy of data files, with its fine tuning"],
    ["settings-schedule-edit", "/settings/schedules/edit?name=ogni-notte", "A schedule and when it starts next"],
    ["users", "/users", "Users and roles"],
    ["audit", "/audit", "The audit trail and its check"],
  ];
}
