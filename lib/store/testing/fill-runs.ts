import type { Database } from "../open-database.ts";

/**
 * Many ended runs over the last ~40 days, of three servers in three environments: for tests and benches of the activity log.
 * 50,000 take a second or two. @param now milliseconds since the epoch
 */
export async function fillRuns(db: Database, count: number, now: number): Promise<void> {
  const newest = new Date(now);
  await db.$executeRaw`
    INSERT INTO "Run" (id, kind, state, trigger, "hostName", "serverName", environment, "policyName", "setId", "requestedBy", "queuedAt", "startedAt", "finishedAt", "lastEventAt", "lastSeq", "finishSeq", stages, bytes, "faultCode", fault, "searchText")
    SELECT id, kind, state, trigger, 'db-host-1', server, environment, server || '-daily', id, person, queued, queued + interval '2 s', queued + interval '2 s' + make_interval(secs => 60 + n % 600), queued + interval '10 min', 40, 40,
           '[{"name":"preflight","startedAt":"2026-01-01T00:00:00.000Z","seconds":1.2,"ok":true},{"name":"dump","startedAt":"2026-01-01T00:00:02.000Z","seconds":30.5,"ok":true}]'::jsonb,
           (n % 977) * 1048576, CASE state WHEN 'failed' THEN 'DUMP_FAILED' END,
           CASE state WHEN 'failed' THEN '{"code":"DUMP_FAILED","params":{"tool":"mysqldump","message":"Lost connection"},"retryable":true}'::jsonb END,
           lower(concat_ws(' ', id, kind, trigger, 'db-host-1', server, server || '-daily', id, person, CASE state WHEN 'failed' THEN 'DUMP_FAILED' END))
    FROM (
      SELECT n,
        to_char(queued AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"') || '-' || lpad(to_hex(n), 6, '0') AS id,
        (ARRAY['backup-full','verify','restore','preflight'])[1 + n % 4] AS kind,
        CASE WHEN n % 23 = 0 THEN 'failed' WHEN n % 17 = 0 THEN 'warning' WHEN n % 101 = 0 THEN 'cancelled' ELSE 'completed' END AS state,
        (ARRAY['schedule','manual','cli'])[1 + n % 3] AS trigger,
        (ARRAY['gestionelogistica','logistica-staging','logistica-test'])[1 + n % 3] AS server,
        (ARRAY['production','staging','test'])[1 + n % 3] AS environment,
        CASE n % 3 WHEN 1 THEN 'anna@example.org' END AS person,
        queued
      FROM (SELECT n, ${newest}::timestamptz - make_interval(secs => n * (40.0 * 86400 / ${count}::float8)) AS queued FROM generate_series(1, ${count}::int) AS n) AS numbers
    ) AS runs`;
  await db.$executeRaw`ANALYZE "Run"`;
}
