// docs/format/*.schema.json from the zod schemas that the worker itself checks with.
import { z } from 'zod';
import { FORMAT, signedManifest } from '#lib/contract/manifest/manifest.ts';
import { signedVerification } from '#lib/contract/manifest/verification.ts';

const DOCUMENTS = {
  manifest: { schema: signedManifest, title: `manifest.json of a backup set (${FORMAT})` },
  verification: { schema: signedVerification, title: 'verification.json of a backup set (salvagente-verification/1)' },
} as const;

/** JSON Schema (draft 2020-12) of a document as it lies at a destination; fields that readers fill in themselves may be absent. */
export function schemaDocument(name: keyof typeof DOCUMENTS): string {
  const { schema, title } = DOCUMENTS[name];
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}
