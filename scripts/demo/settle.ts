import type { Actor } from "#lib/services/context.ts";
import type { Services } from "#lib/services/open-services.ts";
import { acceptPairing } from "#lib/services/host/accept-pairing.ts";
import { listPending } from "#lib/services/host/list-pending.ts";
import { saveDestination } from "#lib/services/settings/save-destination.ts";
import { saveKey } from "#lib/services/settings/save-key.ts";
import { savePolicy } from "#lib/services/settings/save-policy.ts";
import { saveSchedule } from "#lib/services/settings/save-schedule.ts";
import { saveServer } from "#lib/services/settings/save-server.ts";
import { createUser } from "#lib/services/user/create-user.ts";
import type { DemoSecrets } from "./place.ts";
import { BACKUP_USER, type DemoServers } from "./servers.ts";
import { type DemoHost, HOST } from "./worker-host.ts";

export const SERVER = "db01";
export const POLICY = "notturno";

/** The demo's own hand in the audit trail, before anybody has signed in. */
export const DEMO_ACTOR: Actor = { id: "00000000-0000-4000-8000-000000000000", email: "demo@demo.invalid", name: "Demo", role: "dba", address: null };

export const PEOPLE = [
  { email: "dba@demo.invalid", name: "Dario Bianchi", role: "dba" },
  { email: "sysadmin@demo.invalid", name: "Silvia Sala", role: "sysadmin" },
  { email: "developer@demo.invalid", name: "Davide Villa", role: "developer" },
] as const;

/** One login per role, with the passwords of this demo. */
export async function createPeople(services: Services, secrets: DemoSecrets): Promise<void> {
  const context = services.as(DEMO_ACTOR);
  for (const person of PEOPLE) {
    if (await services.db.user.findUnique({ where: { email: person.email } })) continue;
    await createUser(context, { ...person, password: secrets[person.role] });
  }
}

/** Accepts the demo's worker with the code that it showed, as a DBA would by typing it. */
export async function pairWorker(services: Services, code: string): Promise<void> {
  const context = services.as(DEMO_ACTOR);
  for (let tries = 0; tries < 100; tries++) {
    const waiting = (await listPending(context)).find((hello) => hello.host === HOST);
    if (waiting) {
      await acceptPairing(context, { host: HOST, fingerprint: waiting.fingerprint, code });
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the worker did not ask to be paired");
}

/** Everything a new installation would type into the forms: server, keys, two destinations, policy, schedule. */
export async function saveSettings(services: Services, servers: DemoServers, host: DemoHost, folder: string): Promise<void> {
  const context = services.as(DEMO_ACTOR);
  const { s3, mysql } = servers;
  await s3.createBucket("salvagente-demo");
  await saveServer(context, {
    host: HOST,
    config: {
      name: SERVER,
      label: "Gestione Partesa",
      environment: "production",
      socket: mysql.socket,
      user: BACKUP_USER,
      password: { file: host.backupPasswordFile },
      restoreTarget: true,
      restoreAccount: { user: mysql.user, password: { file: host.rootPasswordFile } },
      assertions: [
        // Named in full, it is about the server as a whole: asked whatever is restored in place or swapped.
        { name: "ci sono viaggi", sql: "SELECT COUNT(*) FROM gestionelogistica.viaggi", expect: "> 0" },
        { name: "ogni consegna ha il suo viaggio", schema: "gestionelogistica", sql: "SELECT COUNT(*) FROM delivery d LEFT JOIN viaggi v ON v.id = d.viaggio_id WHERE v.id IS NULL AND d.viaggio_id IS NOT NULL", expect: "0" },
      ],
    },
  });
  await saveKey(context, { host: HOST, config: { name: "operations", purpose: "operations", key: { armored: host.operationsKey } } });
  await saveKey(context, { host: HOST, config: { name: "escrow", purpose: "escrow", key: { armored: host.escrowKey } } });
  await saveDestination(context, { host: HOST, config: { kind: "local", name: "locale", label: "Disco locale", root: `${folder}/backups` } });
  await saveDestination(context, {
    host: HOST,
    config: { kind: "s3", name: "fuori-sede", label: "S3 fuori sede", endpoint: s3.endpoint, region: s3.region, bucket: "salvagente-demo", ...s3.destinationSettings, accessKeyId: s3.accessKeyId },
    secretKey: s3.secretAccessKey,
  });
  await savePolicy(context, { config: { name: POLICY, label: "Full notturno", server: SERVER, destinations: ["locale", "fuori-sede"], recipients: ["operations", "escrow"], fingerprints: "always", archive: true } });
  await saveSchedule(context, { config: { name: "ogni-notte", policy: POLICY, cron: "0 2 * * *", timeZone: "Europe/Rome" } });
}
