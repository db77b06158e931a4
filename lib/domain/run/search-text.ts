/** What the activity search looks in; lower case, words divided by spaces. */
export function searchText(run: {
  readonly id: string;
  readonly kind: string;
  readonly trigger: string;
  readonly host: string;
  readonly server: string | null;
  readonly policy: string | null;
  readonly setId: string | null;
  readonly requestedBy: string | null;
  readonly faultCode?: string | null;
  readonly schedule?: string | null;
}): string {
  return [run.id, run.kind, run.trigger, run.host, run.server, run.policy, run.setId, run.requestedBy, run.faultCode, run.schedule].filter(Boolean).join(" ").toLowerCase();
}
