import type { RestoreTarget } from "#lib/contract/recovery/restore.ts";
import { slug } from "#lib/contract/names.ts";

/** May a new server be made of what was chosen? `whole-server`: only of all of it; `data-files`: not of SQL. */
export type InstancePossible = "possible" | "whole-server" | "data-files";

/** As typed. */
export interface NewServer {
  readonly name: string;
  readonly port: string;
}

/** The fields that a worker would refuse: a name is a folder's too, ports below 1024 are the system's. */
export function wrongFields({ name, port }: NewServer): readonly (keyof NewServer)[] {
  return [...(slug.safeParse(name).success ? [] : ["name" as const]), ...(/^\d{4,5}$/.test(port) && Number(port) >= 1024 && Number(port) <= 65535 ? [] : ["port" as const])];
}

/** What the form begins with: what was asked for, where that can be. */
export function firstKind(preset: RestoreTarget["kind"] | undefined, has: { readonly servers: number; readonly others: number; readonly instance: InstancePossible }): RestoreTarget["kind"] {
  if (preset === "instance" && has.instance === "possible") return preset;
  if (has.servers === 0) return "instance";
  if (preset === "replace") return has.instance === "possible" ? preset : "beside";
  return preset === undefined || preset === "instance" || (preset === "server" && has.others === 0) ? "beside" : preset;
}
