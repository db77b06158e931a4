/** A foreign key: its table and the one it points to, as `schema` and `table`. */
export interface ForeignKey {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly toSchema: string;
  readonly toTable: string;
}

/** Tables that leave the live schemas and those that come, by `tableId`. */
export interface MovingTables {
  readonly leaves: ReadonlySet<string>;
  readonly comes: ReadonlySet<string>;
  /** Every table that exists. */
  readonly exists: (schema: string, table: string) => boolean;
}

export function tableId(schema: string, table: string): string {
  return `${schema}\0${table}`;
}

/**
 * Foreign keys follow tables wherever they are moved. `crossing`: afterwards they would tie live tables to kept ones, or point to nothing. `holding`: kept tables would
 * still point to tables that stay, and forbid deletes there. As `schema.table.key`.
 */
export function keysOfSwap(keys: readonly ForeignKey[], { leaves, comes, exists }: MovingTables): { readonly crossing: string[]; readonly holding: string[] } {
  const side = (id: string): "leaves" | "comes" | "stays" => (leaves.has(id) ? "leaves" : comes.has(id) ? "comes" : "stays");
  const crossing: string[] = [];
  const holding: string[] = [];
  for (const key of keys) {
    const [child, parent] = [side(tableId(key.schema, key.table)), side(tableId(key.toSchema, key.toTable))];
    const text = `${key.schema}.${key.table}.${key.name}`;
    if (child === "leaves" && parent === "stays") holding.push(text);
    else if (child !== parent && !(child === "comes" && parent === "stays")) crossing.push(text);
    else if (child === "comes" && parent === "stays" && !exists(key.toSchema, key.toTable)) crossing.push(text);
  }
  return { crossing: [...new Set(crossing)].sort(), holding: [...new Set(holding)].sort() };
}
