-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "cause" JSONB,
ADD COLUMN     "scheduleName" TEXT;

-- CreateIndex
CREATE INDEX "Run_scheduleName_queuedAt_idx" ON "Run"("scheduleName", "queuedAt" DESC);
