/** What `scripts/screens/console.ts` tells on its one line. */
export interface SeededConsole {
  readonly url: string;
  readonly password: string;
  readonly running: string;
  readonly failed: string;
  readonly done: string;
  readonly plans: { readonly beside: string; readonly inPlace: string };
}

/** Every page and every step of the wizard: name of its picture, address. */
export function pagesOf({ running, failed, done, plans }: SeededConsole): readonly (readonly [name: string, path: string])[] {
  const sections = ["servers", "destinations", "keys", "policies", "schedules"] as const;
  return [
    ["sign-in", "/sign-in"],
    ["dashboard", "/dashboard"],
    ["activity", "/activity?state=problems&when=30d"],
    ["run", `/activity/${running}`],
    ["run-failed", `/activity/${failed}`],
    ["backups", "/backups"],
    ["set", `/backups/${done}`],
    ["recovery-1-set", "/recovery"],
    ["recovery-1-instant", "/recovery?server=gestionelogistica&way=time"],
    ["recovery-2-scope", `/recovery?set=${done}&scope=server`],
    ["recovery-3-target", `/recovery?set=${done}&scope=schemas&schemas=gestionelogistica&done=1`],
    ["recovery-4-plan", `/recovery/${plans.beside}`],
    ["recovery-5-confirm", `/recovery/${plans.beside}?confirm=1`],
    ["recovery-5-confirm-in-place", `/recovery/${plans.inPlace}?confirm=1`],
    ["emergency", "/emergency"],
    ["settings", "/settings"],
    ...sections.map((section) => [`settings-${section}`, `/settings/${section}`] as const),
    ["settings-edit", "/settings/policies/edit?name=notturno"],
    ["settings-server-edit", "/settings/servers/edit?name=gestionelogistica"],
    ["settings-schedule-edit", "/settings/schedules/edit?name=ogni-notte"],
    ["users", "/users"],
    ["audit", "/audit"],
  ];
}
