import { join } from 'node:path';
import { defineConfig } from 'prisma/config';

// Prisma's own engine binary comes from a host that a closed network does not reach: docs/decisions and scripts/prisma
process.env.PRISMA_SCHEMA_ENGINE_BINARY = join(import.meta.dirname, 'scripts/prisma/schema-engine.ts');
process.env.PRISMA_HIDE_UPDATE_MESSAGE = '1';

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  ...(process.env.DATABASE_URL ? { datasource: { url: process.env.DATABASE_URL } } : {}),
});
