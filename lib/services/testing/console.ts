import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "bullmq";
import { Redis } from "ioredis";
import { failureMessage } from "#lib/contract/jobs/failure.ts";
import { queueName } from "#lib/contract/jobs/registry.ts";
import { CHANNELS, type Heartbeat } from "#lib/contract/pairing.ts";
import type { Role } from "#lib/domain/access/permissions.ts";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import { newBoxKeyPair, type BoxKeyPair } from "#lib/platform/sealed-secret.ts";
import { keyFingerprint } from "#lib/platform/pairing.ts";
import { Secret } from "#lib/platform/secret.ts";
import { newSigningKey, signHeartbeat, type SigningKey, verifyJob } from "#lib/platform/signing.ts";
import { type FreshDatabase, freshDatabase } from "#lib/store/testing/fresh-database.ts";
import type { ServiceContext } from "../context.ts";
import { openServices, type Services } from "../open-services.ts";

/** A console on real servers: a database and a Redis database of its own, a clock that tests can move. */
export interface TestConsole {
  readonly services: Services;
  readonly fresh: FreshDatabase;
  readonly redis: Redis;
  readonly redisUrl: string;
  readonly stateDir: string;
  /** Added to the real time, milliseconds. */
  shift: number;
  as(role: Role): ServiceContext;
  close(): Promise<void>;
}

/** @param redisDatabase 1–15; another one for each test file, emptied first */
export async function openTestConsole(servers: { postgres: { url: string }; redis: { url: string } }, redisDatabase: number): Promise<TestConsole> {
  const fresh = await freshDatabase(servers.postgres.url);
  const address = new URL(servers.redis.url);
  address.pathname = `/${redisDatabase}`;
  const redis = new Redis(address.href);
  await redis.flushdb();
  const stateDir = await mkdtemp(join(tmpdir(), "sg-console-"));
  const clock = { now: () => Date.now() + opened.shift, monotonic: () => performance.now() };
  const services = await openServices({ DATABASE_URL: new Secret(fresh.url), REDIS_URL: new Secret(address.href), SALVAGENTE_STATE_DIR: stateDir, LOG_LEVEL: "info" }, clock);
  const opened: TestConsole = {
    services,
    fresh,
    redis,
    redisUrl: address.href,
    stateDir,
    shift: 0,
    as: (role) => services.as({ id: "00000000-0000-4000-8000-000000000000", email: `${role}@example.org`, name: role, role, address: "192.0.2.7" }),
    async close() {
      await services.close();
      await redis.flushdb();
      redis.disconnect();
      await fresh.drop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
  return opened;
}

export interface TestHost {
  readonly name: string;
  readonly signing: SigningKey;
  readonly box: BoxKeyPair;
  beat(over?: Partial<Heartbeat>): Promise<void>;
  /** Answers jobs of a lane like a worker: checks the signature first; what `answer` throws travels as a fault. */
  serve(lane: "run" | "control", answer: (name: string, payload: Record<string, unknown>) => unknown): Promise<{ stop(): Promise<void> }>;
}

/** A paired host with keys of its own, its rows written past the pairing verbs. */
export async function pairTestHost(test: TestConsole, name: string): Promise<TestHost> {
  const signing = newSigningKey();
  const box = await newBoxKeyPair();
  await test.services.db.host.create({
    data: { name, hostname: `${name}.example.org`, signingKey: signing.publicKey, boxKey: box.publicKey, fingerprint: keyFingerprint(signing.publicKey, box.publicKey), pairedAt: new Date(), pairedBy: "dba@example.org" },
  });
  const nonces = new Set<string>();
  return {
    name,
    signing,
    box,
    async beat(over = {}) {
      const beat: Heartbeat = { v: 1, host: name, at: new Date(test.services.clock.now()).toISOString(), version: "0.1.0", revision: 0, activeRun: null, runs: [], spool: null, servers: [], recovery: [], ...over };
      await test.redis.set(CHANNELS.heartbeat + name, JSON.stringify(signHeartbeat(signing, beat)), "EX", 60);
    },
    async serve(lane, answer) {
      const connection = new Redis(test.redisUrl, { maxRetriesPerRequest: null });
      const worker = new Worker(
        queueName(name, lane),
        async (job) => {
          try {
            const seenNonce = (nonce: string) => nonces.has(nonce) || !nonces.add(nonce);
            const opened = await verifyJob(job.data, { consoleKey: test.services.queue.consoleKey, host: name, now: test.services.clock.now(), seenNonce });
            return await answer(opened.name, opened.payload as Record<string, unknown>);
          } catch (error) {
            throw new Error(failureMessage(faultRecord(error)));
          }
        },
        { connection, skipVersionCheck: true },
      );
      await worker.waitUntilReady();
      return {
        async stop() {
          await worker.close();
          connection.disconnect();
        },
      };
    },
  };
}

/** Writes a server, a local destination, a key, a policy and a schedule past the verbs. */
export async function furnish(test: TestConsole, host: string, server: string, environment: "production" | "staging" | "test"): Promise<void> {
  const { db } = test.services;
  const config = { name: server, environment, user: "backup", password: { file: "/etc/salvagente/mysql.secret" }, port: 3306, criticalTables: [], assertions: [], restoreTarget: false };
  await db.server.create({ data: { name: server, hostName: host, environment, config } });
  await db.destination.upsert({ where: { name: `${host}-local` }, create: { name: `${host}-local`, hostName: host, kind: "local", config: { kind: "local", name: `${host}-local`, root: "/srv/backup", requireMount: false } }, update: {} });
  await db.recipientKey.upsert({ where: { name: `${host}-key` }, create: { name: `${host}-key`, hostName: host, purpose: "operations", config: { name: `${host}-key`, purpose: "operations", key: { file: "/etc/salvagente/key.asc" } } }, update: {} });
  const policy = { name: `${server}-daily`, server, destinations: [`${host}-local`], recipients: [`${host}-key`] };
  await db.policy.create({ data: { name: policy.name, serverName: server, config: policy } });
  await db.schedule.create({ data: { name: `${server}-night`, policyName: policy.name, config: { name: `${server}-night`, policy: policy.name, cron: "0 2 * * *", timeZone: "Europe/Rome", enabled: true } } });
}
