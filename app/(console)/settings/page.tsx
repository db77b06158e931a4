import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { AcceptHost } from "#components/settings/accept-host.tsx";
import { AutoRefresh } from "#components/ui/auto-refresh.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Card } from "#components/ui/card.tsx";
import { Empty } from "#components/ui/empty.tsx";
import { Facts } from "#components/ui/facts.tsx";
import { FaultPanel } from "#components/ui/fault-panel.tsx";
import { TimeAgo } from "#components/ui/time-ago.tsx";
import { isAllowed } from "#lib/domain/access/permissions.ts";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import { getFormats } from "#lib/i18n/server-formats.ts";
import { listHosts } from "#lib/services/host/list-hosts.ts";
import { listPending } from "#lib/services/host/list-pending.ts";
import { pageContext } from "../../current-actor.ts";
import { shown } from "../../show-fault.ts";
import { acceptHostAction } from "./actions.ts";

const TONE = { up: "ok", late: "warn", down: "danger", unknown: "warn" } as const;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("settings"))("title") };
}

export default async function HostsPage() {
  const [context, t, format] = await Promise.all([pageContext(), getTranslations("settings"), getFormats()]);
  if (!isAllowed(context.actor.role, "settings.view")) return null;
  const mayPair = isAllowed(context.actor.role, "host.pair");
  const [hosts, pending] = await Promise.all([shown(listHosts(context)), mayPair ? listPending(context).catch((error: unknown) => faultRecord(error)) : []]);
  return (
    <div className="flex flex-col gap-4">
      <AutoRefresh seconds={10} />
      <p className="text-muted">{t("lead.hosts")}</p>
      {"code" in pending ? <FaultPanel fault={pending} /> : null}
      {!("code" in pending) && pending.length > 0 ? (
        <Card title={t("pending")}>
          <div className="divide-y divide-line">
            {pending.map((one) => <AcceptHost key={`${one.host} ${one.fingerprint}`} pending={one} onAccept={acceptHostAction.bind(null, one.host, one.fingerprint)} />)}
          </div>
        </Card>
      ) : null}
      {hosts.length === 0 ? <Card><Empty title={t("emptyTitle.hosts")} text={t("emptyText.hosts")} /></Card> : null}
      <div className="grid gap-4 xl:grid-cols-2">
        {hosts.map((host) => (
          <Card key={host.name} title={<span className="font-mono">{host.name}</span>} aside={<Badge tone={TONE[host.state]}>{t(`state.${host.state}`)}</Badge>}>
            <Facts
              items={[
                [t("heartbeat"), host.heartbeatAt ? <TimeAgo key="beat" at={host.heartbeatAt} /> : t("never")],
                [t("revision"), t("revisionOf", { held: host.heldRevision, sent: host.sentRevision })],
                [t("version"), host.heartbeat?.version ?? null],
                [t("spool"), host.heartbeat?.spool ? format.bytes(host.heartbeat.spool.freeBytes) : null],
                [t("fingerprint"), <span key="print" className="font-mono text-xs">{host.fingerprint}</span>],
                [t("paired"), `${format.instant(host.pairedAt)}, ${t("pairedBy", { who: host.pairedBy })}`],
              ]}
            />
          </Card>
        ))}
      </div>
    </div>
  );
}
