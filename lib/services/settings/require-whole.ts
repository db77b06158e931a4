import type { DesiredState } from "#lib/contract/config/desired-state.ts";
import { hasDifferentials } from "#lib/domain/backup/choose-base.ts";
import { familyOf } from "#lib/domain/backup/methods.ts";
import { Fault } from "#lib/domain/fault/fault.ts";

/** Every name used in the settings of a host must exist there. @throws Fault INPUT_INVALID naming what is missing */
export function requireWhole(state: DesiredState): void {
  const servers = new Set(state.servers.map((server) => server.name));
  const destinations = new Set(state.destinations.map((destination) => destination.name));
  const keys = new Set(state.keys.map((key) => key.name));
  const policies = new Set(state.policies.map((policy) => policy.name));
  const missing = [
    ...state.policies.flatMap((policy) => [
      ...(servers.has(policy.server) ? [] : [`server: ${policy.name} names the unknown server ${policy.server}`]),
      ...otherFamily(policy, state.servers).map((family) => `method: ${policy.name} copies files by ${policy.method}, and ${policy.server} is a ${family}`),
      ...policy.destinations.filter((name) => !destinations.has(name)).map((name) => `destinations: ${policy.name} names the unknown destination ${name}`),
      ...policy.recipients.filter((name) => !keys.has(name)).map((name) => `recipients: ${policy.name} names the unknown key ${name}`),
    ]),
    ...state.schedules.filter((schedule) => !policies.has(schedule.policy)).map((schedule) => `policy: ${schedule.name} names the unknown policy ${schedule.policy}`),
    ...state.schedules.filter((schedule) => schedule.kind === "incremental" && state.policies.some(({ name, archive }) => name === schedule.policy && !archive)).map((schedule) => `kind: ${schedule.name} is incremental, and ${schedule.policy} archives no binary logs`),
    ...state.schedules.filter((schedule) => schedule.kind === "differential" && state.policies.some((policy) => policy.name === schedule.policy && !hasDifferentials(policy))).map((schedule) => `kind: ${schedule.name} is differential, and ${schedule.policy} takes data files instead of dumps`),
  ];
  if (missing.length === 0) return;
  const fields = [...new Set(missing.map((line) => line.split(":")[0]))].join(", ");
  throw new Fault("INPUT_INVALID", { params: { fields }, detail: missing.join("\n") });
}

/** The family of a policy's server, where that is known beforehand and its method is for the other. */
function otherFamily({ server, method }: DesiredState["policies"][number], servers: DesiredState["servers"]): string[] {
  const known = servers.find(({ name }) => name === server)?.flavor;
  const wanted = familyOf(method);
  return known && wanted && known !== wanted ? [known] : [];
}
