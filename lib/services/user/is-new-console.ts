import type { Database } from "#lib/store/open-database.ts";

/** Is there no user at all yet? Tells the sign-in page to say how the first one is made. */
export async function isNewConsole({ db }: { db: Database }): Promise<boolean> {
  return (await db.user.count()) === 0;
}
