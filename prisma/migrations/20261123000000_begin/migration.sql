-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "Role" AS ENUM ('dba', 'sysadmin', 'developer');

-- CreateTable
CREATE TABLE "User" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" "Role" NOT NULL,
    "passwordHash" TEXT NOT NULL,
    "sessionEpoch" INTEGER NOT NULL DEFAULT 0,
    "locale" TEXT NOT NULL DEFAULT 'it',
    "disabledAt" TIMESTAMPTZ(6),
    "failedLogins" INTEGER NOT NULL DEFAULT 0,
    "lockedUntil" TIMESTAMPTZ(6),
    "lastLoginAt" TIMESTAMPTZ(6),
    "createdAt" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Host" (
    "name" TEXT NOT NULL,
    "hostname" TEXT NOT NULL,
    "signingKey" TEXT NOT NULL,
    "boxKey" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "pairedAt" TIMESTAMPTZ(6) NOT NULL,
    "pairedBy" TEXT NOT NULL,
    "wantedRevision" INTEGER NOT NULL DEFAULT 0,
    "sentRevision" INTEGER NOT NULL DEFAULT 0,
    "heldRevision" INTEGER NOT NULL DEFAULT 0,
    "heartbeat" JSONB,
    "heartbeatAt" TIMESTAMPTZ(6),

    CONSTRAINT "Host_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Server" (
    "name" TEXT NOT NULL,
    "hostName" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "Server_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Destination" (
    "name" TEXT NOT NULL,
    "hostName" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "lastProbe" JSONB,
    "createdAt" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "Destination_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "RecipientKey" (
    "name" TEXT NOT NULL,
    "hostName" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "fingerprint" TEXT,
    "expiresAt" TIMESTAMPTZ(6),

    CONSTRAINT "RecipientKey_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Policy" (
    "name" TEXT NOT NULL,
    "serverName" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "Policy_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Schedule" (
    "name" TEXT NOT NULL,
    "policyName" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "Schedule_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Run" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "trigger" TEXT NOT NULL,
    "hostName" TEXT NOT NULL,
    "serverName" TEXT,
    "environment" TEXT,
    "policyName" TEXT,
    "setId" TEXT,
    "requestedBy" TEXT,
    "queuedAt" TIMESTAMPTZ(6) NOT NULL,
    "startedAt" TIMESTAMPTZ(6),
    "finishedAt" TIMESTAMPTZ(6),
    "lastEventAt" TIMESTAMPTZ(6),
    "lastSeq" INTEGER NOT NULL DEFAULT 0,
    "finishSeq" INTEGER,
    "stages" JSONB NOT NULL DEFAULT '[]',
    "progress" JSONB,
    "progressSeq" INTEGER NOT NULL DEFAULT 0,
    "fault" JSONB,
    "faultCode" TEXT,
    "bytes" BIGINT,
    "result" JSONB,
    "searchText" TEXT NOT NULL DEFAULT '',
    "cancelAskedBy" TEXT,

    CONSTRAINT "Run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RunEvent" (
    "runId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "type" TEXT NOT NULL,
    "body" JSONB NOT NULL,

    CONSTRAINT "RunEvent_pkey" PRIMARY KEY ("runId","seq")
);

-- CreateTable
CREATE TABLE "BackupSet" (
    "id" TEXT NOT NULL,
    "serverName" TEXT NOT NULL,
    "environment" TEXT,
    "policyName" TEXT NOT NULL,
    "hostName" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "serverVersion" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(6) NOT NULL,
    "snapshotAt" TIMESTAMPTZ(6) NOT NULL,
    "finishedAt" TIMESTAMPTZ(6) NOT NULL,
    "verifiedAt" TIMESTAMPTZ(6),
    "restoreSeconds" DOUBLE PRECISION,
    "plainBytes" BIGINT NOT NULL,
    "sealedBytes" BIGINT NOT NULL,
    "tables" INTEGER NOT NULL,
    "rows" BIGINT NOT NULL,
    "summary" JSONB NOT NULL,
    "restoreTest" JSONB,

    CONSTRAINT "BackupSet_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Copy" (
    "setId" TEXT NOT NULL,
    "destination" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "checkedAt" TIMESTAMPTZ(6) NOT NULL,
    "problem" TEXT,

    CONSTRAINT "Copy_pkey" PRIMARY KEY ("setId","destination")
);

-- CreateTable
CREATE TABLE "RestorePlan" (
    "id" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "plan" JSONB NOT NULL,
    "requestedBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(6) NOT NULL,
    "expiresAt" TIMESTAMPTZ(6) NOT NULL,
    "runId" TEXT,

    CONSTRAINT "RestorePlan_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "sequence" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "actor" TEXT NOT NULL,
    "role" TEXT,
    "address" TEXT,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "detail" JSONB NOT NULL,
    "previous" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("sequence")
);

-- CreateTable
CREATE TABLE "Setting" (
    "name" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updatedAt" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "Setting_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

-- CreateIndex
CREATE INDEX "Run_queuedAt_id_idx" ON "Run"("queuedAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Run_state_queuedAt_idx" ON "Run"("state", "queuedAt" DESC);

-- CreateIndex
CREATE INDEX "Run_kind_queuedAt_idx" ON "Run"("kind", "queuedAt" DESC);

-- CreateIndex
CREATE INDEX "Run_serverName_queuedAt_idx" ON "Run"("serverName", "queuedAt" DESC);

-- CreateIndex
CREATE INDEX "Run_environment_queuedAt_idx" ON "Run"("environment", "queuedAt" DESC);

-- CreateIndex
CREATE INDEX "Run_hostName_state_idx" ON "Run"("hostName", "state");

-- CreateIndex
CREATE INDEX "Run_setId_idx" ON "Run"("setId");

-- CreateIndex
CREATE INDEX "BackupSet_serverName_snapshotAt_idx" ON "BackupSet"("serverName", "snapshotAt" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "AuditEntry_hash_key" ON "AuditEntry"("hash");

-- CreateIndex
CREATE INDEX "AuditEntry_at_idx" ON "AuditEntry"("at" DESC);

-- AddForeignKey
ALTER TABLE "Server" ADD CONSTRAINT "Server_hostName_fkey" FOREIGN KEY ("hostName") REFERENCES "Host"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Destination" ADD CONSTRAINT "Destination_hostName_fkey" FOREIGN KEY ("hostName") REFERENCES "Host"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RecipientKey" ADD CONSTRAINT "RecipientKey_hostName_fkey" FOREIGN KEY ("hostName") REFERENCES "Host"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Policy" ADD CONSTRAINT "Policy_serverName_fkey" FOREIGN KEY ("serverName") REFERENCES "Server"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Schedule" ADD CONSTRAINT "Schedule_policyName_fkey" FOREIGN KEY ("policyName") REFERENCES "Policy"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RunEvent" ADD CONSTRAINT "RunEvent_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Copy" ADD CONSTRAINT "Copy_setId_fkey" FOREIGN KEY ("setId") REFERENCES "BackupSet"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- The audit trail is append only, for every role that is not superuser and does not own the table even without this trigger
-- (docs/audit.md: REVOKE UPDATE, DELETE, TRUNCATE). Whoever disables the trigger still breaks the hash chain.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'AuditEntry is append only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END;
$$;

CREATE TRIGGER audit_entry_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON "AuditEntry"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
