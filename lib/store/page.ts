import { z } from "zod";

/** Which page of a list; from 1. */
export const pageInput = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  pageSize: z.coerce.number().int().min(1).max(200).default(25),
});
export type PageInput = z.output<typeof pageInput>;

export function skipTake({ page, pageSize }: PageInput): { skip: number; take: number } {
  return { skip: (page - 1) * pageSize, take: pageSize };
}

export function pageFrame(total: number, { page, pageSize }: PageInput): { total: number; page: number; pageSize: number; pages: number } {
  return { total, page, pageSize, pages: Math.max(1, Math.ceil(total / pageSize)) };
}

/** Text for Prisma's `contains`, which hands `%` and `_` through to LIKE as wildcards. */
export function literally(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

/** What somebody types into a search box; PostgreSQL's text holds no NUL and no half surrogate pair. */
export const searchWords = z.string().max(200).default("").transform((text) => text.replaceAll("\0", "").toWellFormed().trim());
