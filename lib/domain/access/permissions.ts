export const ROLES = ["dba", "sysadmin", "developer"] as const;
export type Role = (typeof ROLES)[number];

/** Everything that a person can do, and which roles may. One table: the server enforces it, the pages show it. */
export const PERMISSIONS = {
  "status.view": ["dba", "sysadmin", "developer"],
  "run.view": ["dba", "sysadmin", "developer"],
  "run.export": ["dba", "sysadmin", "developer"],
  "backup.run": ["dba", "sysadmin"],
  "backup.verify": ["dba", "sysadmin"],
  "backup.view-contents": ["dba", "sysadmin"],
  "run.cancel": ["dba", "sysadmin"],
  "restore.plan": ["dba", "sysadmin"],
  "restore.run-beside": ["dba", "sysadmin"],
  "restore.run-in-place": ["dba"],
  "restore.swap": ["dba"],
  "restore.run-instance": ["dba"],
  "server.probe": ["dba", "sysadmin"],
  "settings.view": ["dba", "sysadmin"],
  "settings.change": ["dba"],
  "schedule.change": ["dba", "sysadmin"],
  "host.pair": ["dba"],
  "user.manage": ["dba"],
  "audit.view": ["dba", "sysadmin"],
  "catalog.reindex": ["dba"],
} as const satisfies Record<string, readonly Role[]>;

export type Action = keyof typeof PERMISSIONS;

/** May the role do this? Where the action touches one server, its environment counts: developers see only test and staging. */
export function isAllowed(role: Role, action: Action, environment?: string | null): boolean {
  if (!(PERMISSIONS[action] as readonly Role[]).includes(role)) return false;
  return environment == null || seesEnvironment(role, environment);
}

/** Which environments' runs and sets a role may see. */
export function seesEnvironment(role: Role, environment: string): boolean {
  return role !== "developer" || environment === "test" || environment === "staging";
}

/** The roles that may, for «ask one of them». */
export function allowedRoles(action: Action): readonly Role[] {
  return PERMISSIONS[action];
}
