"use server";
import type { Section } from "#components/settings/form-values.ts";
import { reindex } from "#lib/services/catalog/reindex.ts";
import { acceptPairing } from "#lib/services/host/accept-pairing.ts";
import { deleteSetting } from "#lib/services/settings/delete-setting.ts";
import { probeDestination } from "#lib/services/settings/probe-destination.ts";
import { probeServer } from "#lib/services/settings/probe-server.ts";
import { type SaveDestinationInput, saveDestination } from "#lib/services/settings/save-destination.ts";
import { type SaveKeyInput, saveKey } from "#lib/services/settings/save-key.ts";
import { type SavePolicyInput, savePolicy } from "#lib/services/settings/save-policy.ts";
import { type SaveScheduleInput, saveSchedule } from "#lib/services/settings/save-schedule.ts";
import { type SaveServerInput, saveServer } from "#lib/services/settings/save-server.ts";
import { attempt } from "../../attempt.ts";

/** Saves one setting. The services check input and role; the types here only name what they expect. */
export async function saveSettingAction(section: Section, host: string, config: Record<string, unknown>, secrets: Record<string, string>) {
  return attempt((context) => {
    switch (section) {
      case "servers":
        return saveServer(context, { host, config, ...secrets } as SaveServerInput);
      case "destinations":
        return saveDestination(context, { host, config, ...secrets } as SaveDestinationInput);
      case "keys":
        return saveKey(context, { host, config } as SaveKeyInput);
      case "policies":
        return savePolicy(context, { config } as unknown as SavePolicyInput);
      case "schedules":
        return saveSchedule(context, { config } as unknown as SaveScheduleInput);
    }
  });
}

const KIND = { servers: "server", destinations: "destination", keys: "key", policies: "policy", schedules: "schedule" } as const satisfies Record<Section, string>;

export async function deleteSettingAction(section: Section, name: string) {
  return attempt((context) => deleteSetting(context, { kind: KIND[section], name }));
}

export async function acceptHostAction(host: string, fingerprint: string, code: string) {
  return attempt((context) => acceptPairing(context, { host, fingerprint, code }));
}

export async function probeServerAction(server: string) {
  return attempt((context) => probeServer(context, { server }));
}

export async function probeDestinationAction(destination: string) {
  return attempt((context) => probeDestination(context, { destination }));
}

export async function reindexAction(destination: string) {
  return attempt((context) => reindex(context, { destination }));
}
