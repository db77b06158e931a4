import { en } from "./messages/en.ts";
import { it } from "./messages/it.ts";

/** All texts, by language. A noun's texts live in messages/<language>/<noun>.ts. */
export const CATALOG = { it, en } as const;
export type Messages = typeof it;

declare module "next-intl" {
  interface AppConfig {
    Locale: "it" | "en";
    Messages: Messages;
  }
}
