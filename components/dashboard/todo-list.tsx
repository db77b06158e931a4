import { faCircleQuestion } from "@fortawesome/free-solid-svg-icons/faCircleQuestion";
import { faCircleXmark } from "@fortawesome/free-solid-svg-icons/faCircleXmark";
import { faTriangleExclamation } from "@fortawesome/free-solid-svg-icons/faTriangleExclamation";
import { useTranslations } from "next-intl";
import type { Dashboard } from "#lib/contract/views/status.ts";
import type { ProtectionReason } from "#lib/domain/objective/protection.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Card } from "../ui/card.tsx";
import { classes } from "../ui/classes.ts";
import { Icon } from "../ui/icon.tsx";
import { Link } from "../ui/link.tsx";
import { INKED } from "../ui/tone.ts";

interface TodoListProps {
  readonly reasons: readonly ProtectionReason[];
  readonly pendingHosts: number;
  readonly lostSwaps: Dashboard["lostSwaps"];
}

/** Why the state is not better, worst first, each leading to where it is mended. */
export function TodoList({ reasons, pendingHosts, lostSwaps }: TodoListProps) {
  const t = useTranslations("dashboard");
  const format = useFormats();
  const sorted = [...reasons].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  const words = (reason: ProtectionReason): string => {
    const { hours, objective, seconds, destination, fault, schedule, count, since } = reason.params;
    const span = (value: string | number | undefined, unit: number) => (value === undefined ? "" : format.duration(Number(value) * unit));
    return t(`protection.${reason.code}`, {
      server: reason.server ?? "",
      age: span(hours, 3600),
      objective: span(objective, hours === undefined ? 1 : 3600),
      time: span(seconds, 1),
      destination: String(destination ?? ""),
      code: String(fault ?? ""),
      schedule: String(schedule ?? ""),
      count: Number(count ?? 0),
      since: since === undefined ? "" : format.short(new Date(Number(since))),
    });
  };
  const count = lostSwaps.length + sorted.length + (pendingHosts > 0 ? 1 : 0);
  return (
    <Card title={<>{t("todo")} <span className="font-normal text-muted">({format.number(count)})</span></>}>
      {count === 0 ? <p className="text-muted">{t("todoNone")}</p> : null}
      <ul className="flex flex-col divide-y divide-line">
        {lostSwaps.map(({ runId, server }) => <Line key={runId} href={`/activity/${runId}`} severity="critical" text={t("lostSwap", { server })} />)}
        {pendingHosts > 0 ? <Line href="/settings" severity="warning" text={t("pendingHosts", { count: pendingHosts })} /> : null}
        {sorted.map((reason) => <Line key={`${reason.server}-${reason.code}-${JSON.stringify(reason.params)}`} href={WHERE[reason.code]} severity={reason.severity} text={words(reason)} />)}
      </ul>
    </Card>
  );
}

function Line({ href, severity, text }: { readonly href: string; readonly severity: ProtectionReason["severity"]; readonly text: string }) {
  const look = LOOK[severity];
  return (
    <li>
      <Link href={href} className="flex min-h-11 items-center gap-3 py-2 text-sm no-underline hover:underline">
        <Icon icon={look.icon} className={classes("text-base", INKED[look.tone])} />
        <span className="flex-1">{text}</span>
        <span aria-hidden className="text-muted">→</span>
      </Link>
    </li>
  );
}

const ORDER: readonly ProtectionReason["severity"][] = ["critical", "unknown", "warning"];
const LOOK = {
  critical: { icon: faCircleXmark, tone: "danger" },
  unknown: { icon: faCircleQuestion, tone: "warn" },
  warning: { icon: faTriangleExclamation, tone: "warn" },
} as const;

const WHERE: Record<ProtectionReason["code"], string> = {
  "no-server": "/settings",
  "no-policy": "/settings",
  "no-schedule": "/settings",
  "no-backup": "/backups",
  "backup-old": "/backups",
  "never-proven": "/backups",
  "proof-old": "/backups",
  "proof-refused": "/backups",
  "copy-damaged": "/backups",
  "one-copy": "/backups",
  "last-run-failed": "/activity?state=problems",
  "schedule-missed": "/activity?state=missed",
  "worker-silent": "/settings",
  "server-down": "/settings",
  "restore-slow": "/backups",
};
