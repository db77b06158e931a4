import { z } from "zod";
import { policyConfig } from "#lib/contract/config/policy.ts";
import { slug } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Store, Transaction } from "#lib/store/open-database.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";
import { changeSettings } from "./change-settings.ts";
import type { Pushed } from "./push-state.ts";

export const deleteSettingInput = z.object({ kind: z.enum(["server", "destination", "key", "policy", "schedule"]), name: slug });
type Kind = z.infer<typeof deleteSettingInput>["kind"];

/**
 * Takes a setting away; what it wrote (backups, runs, the trail) stays.
 * @throws Fault SETTING_IN_USE naming what still needs it, NOT_FOUND
 */
export async function deleteSetting(context: ServiceContext, input: z.input<typeof deleteSettingInput>): Promise<Pushed> {
  const { kind, name } = parseInput(deleteSettingInput, input);
  const action = kind === "schedule" ? "schedule.change" : "settings.change";
  await permit(context, action, null, `${kind} ${name}`);
  const host = await hostOf(context.db, kind, name);
  if (host === undefined) throw new Fault("NOT_FOUND", { params: { kind, id: name } });
  return changeSettings(context, {
    action,
    host,
    subject: `${kind} ${name}`,
    detail: { deleted: true },
    write: async (tx) => {
      const users = await usersOf(tx, kind, name, host);
      if (users.length > 0) throw new Fault("SETTING_IN_USE", { params: { kind, name, users: users.slice(0, 10).join(", ") } });
      // many, not one: whoever was first to delete it has done so
      if ((await remove(tx, kind, name)).count === 0) throw new Fault("NOT_FOUND", { params: { kind, id: name } });
    },
  });
}

async function hostOf(db: Store, kind: Kind, name: string): Promise<string | undefined> {
  const where = { name };
  switch (kind) {
    case "server":
      return (await db.server.findUnique({ where }))?.hostName;
    case "destination":
      return (await db.destination.findUnique({ where }))?.hostName;
    case "key":
      return (await db.recipientKey.findUnique({ where }))?.hostName;
    case "policy":
      return (await db.policy.findUnique({ where, include: { server: true } }))?.server.hostName;
    case "schedule":
      return (await db.schedule.findUnique({ where, include: { policy: { include: { server: true } } } }))?.policy.server.hostName;
  }
}

/** What would be left without it, each with its kind. The host's row is locked by now: no other setting of the host changes meanwhile. */
async function usersOf(tx: Transaction, kind: Kind, name: string, host: string): Promise<string[]> {
  switch (kind) {
    case "server": {
      // starting a run locks this row as well
      await tx.$executeRaw`SELECT 1 FROM "Server" WHERE name = ${name} FOR UPDATE`;
      const policies = await tx.policy.findMany({ where: { serverName: name }, orderBy: { name: "asc" } });
      return [...policies.map((policy) => `policy ${policy.name}`), ...(await activeRuns(tx, { serverName: name }))];
    }
    case "destination":
      return [...(await policiesWith(tx, host, ({ destinations }) => destinations.includes(name))), ...(await setsOnlyAt(tx, name))];
    case "key":
      return policiesWith(tx, host, ({ recipients }) => recipients.includes(name));
    case "policy": {
      const schedules = await tx.schedule.findMany({ where: { policyName: name }, orderBy: { name: "asc" } });
      return [...schedules.map((schedule) => `schedule ${schedule.name}`), ...(await activeRuns(tx, { policyName: name }))];
    }
    case "schedule":
      return [];
  }
}

async function policiesWith(tx: Transaction, host: string, uses: (policy: z.infer<typeof policyConfig>) => boolean): Promise<string[]> {
  const rows = await tx.policy.findMany({ where: { server: { hostName: host } }, orderBy: { name: "asc" } });
  return rows.filter((row) => uses(policyConfig.parse(row.config))).map((row) => `policy ${row.name}`);
}

/** Sets with a usable copy here and nowhere else: nobody could restore them any more. */
async function setsOnlyAt(tx: Transaction, destination: string): Promise<string[]> {
  const state = { in: ["stored", "intact"] };
  const sets = await tx.backupSet.findMany({
    where: { copies: { some: { destination, state }, none: { destination: { not: destination }, state } } },
    orderBy: { snapshotAt: "desc" },
    select: { id: true },
    take: 10,
  });
  return sets.map(({ id }) => `backup ${id}`);
}

async function activeRuns(tx: Transaction, where: { serverName: string } | { policyName: string }): Promise<string[]> {
  const runs = await tx.run.findMany({ where: { ...where, state: { in: ["queued", "running", "waiting"] } }, select: { id: true } });
  return runs.map(({ id }) => `run ${id}`);
}

function remove(tx: Transaction, kind: Kind, name: string): Promise<{ count: number }> {
  const where = { name };
  switch (kind) {
    case "server":
      return tx.server.deleteMany({ where });
    case "destination":
      return tx.destination.deleteMany({ where });
    case "key":
      return tx.recipientKey.deleteMany({ where });
    case "policy":
      return tx.policy.deleteMany({ where });
    case "schedule":
      return tx.schedule.deleteMany({ where });
  }
}
