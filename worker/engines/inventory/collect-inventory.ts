import type { Connection } from "mysql2/promise";
import type { Inventory } from "#lib/contract/manifest/manifest.ts";
import type { Flavor } from "#lib/contract/names.ts";
import { readAccounts } from "./accounts.ts";
import { inCanonicalSession } from "./canonical-session.ts";
import { openCatalog } from "./information-schema.ts";
import { readSequences } from "./sequences.ts";
import { readStoredPrograms } from "./stored-programs.ts";
import { readTables } from "./tables.ts";
import { userSchemas } from "./user-schemas.ts";
import { readViews } from "./views.ts";

export interface InventoryScope {
  /** Schemas by name; null = every schema but the server's own. */
  readonly schemas: readonly string[] | null;
  readonly flavor: Flavor;
  /** Also users and roles; needs SELECT on `mysql`. */
  readonly accounts: boolean;
  /** Schemas that were restored under other names: name now → name where they were recorded. Foreign keys between them hash as they did there. */
  readonly originals?: Readonly<Record<string, string>> | undefined;
}

/**
 * Everything that a backup of the scope must hold, with a hash of each definition; `rows` are 0, `stream` and `fingerprint` null
 * (see countRows, fingerprintAll). Lists are sorted by name. Two servers that hold the same give the same, whatever the schemas are called.
 * @throws Fault SERVER_OBJECTS_HIDDEN when the account may not see a definition
 */
export function collectInventory(connection: Connection, scope: InventoryScope): Promise<Inventory> {
  return inCanonicalSession(connection, async () => {
    const schemas = await userSchemas(connection, scope.schemas);
    const names = schemas.map(({ name }) => name);
    const catalog = await openCatalog(connection, scope.flavor);
    const tables = await readTables(catalog, names, scope.originals);
    const views = await readViews(catalog, names);
    const programs = await readStoredPrograms(catalog, names);
    const sequences = await readSequences(catalog, names);
    return {
      schemas: schemas.map((schema) => ({
        ...schema,
        tables: tables.get(schema.name) ?? [],
        views: views.get(schema.name) ?? [],
        ...(programs.get(schema.name) ?? { procedures: [], functions: [], triggers: [], events: [] }),
        sequences: sequences.get(schema.name) ?? [],
      })),
      accounts: scope.accounts ? await readAccounts(connection, scope.flavor) : [],
    };
  });
}
