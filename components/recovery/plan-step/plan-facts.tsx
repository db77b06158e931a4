import { useTranslations } from "next-intl";
import type { RestorePlan } from "#lib/contract/recovery/restore.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Facts } from "../../ui/facts.tsx";
import { Status } from "../../ui/status.tsx";
import { TimeRange } from "./time-range.tsx";

/** From where, to where, what and how much. */
export function PlanFacts({ plan }: { readonly plan: RestorePlan }) {
  const t = useTranslations("recovery.plan");
  const ui = useTranslations("ui");
  const format = useFormats();
  const { scope, target } = plan.request;
  const environment = `environment.${plan.target.environment}` as "environment.test";
  const [likely, slow] = plan.steps.reduce(([a, b], step) => [a + step.eta[0], b + step.eta[1]], [0, 0] as [number, number]);
  const what = scope.kind === "server" ? t("scope.server") : scope.kind === "schemas" ? t("scope.schemas", { count: scope.schemas.length, names: scope.schemas.join(", ") }) : t("scope.tables", { count: scope.tables.length, schema: scope.schema });
  return (
    <Facts
      items={[
        [t("what"), <span key="what">{what} · {t("amount", { count: plan.tables, tables: format.number(plan.tables), rows: format.number(plan.rows), bytes: format.bytes(plan.plainBytes) })}</span>],
        [t("from"), <span key="from"><span className="font-mono text-xs">{plan.source.server}</span> {plan.source.version} · <span className="font-mono text-xs">{plan.source.destination}</span> <Status state={plan.level} /></span>],
        [
          t("to"),
          <span key="to">
            <strong>{ui.has(environment) ? ui(environment) : plan.target.environment}</strong> · <span className="font-mono text-xs">{plan.target.server}</span> {plan.target.version} · {t(`kind.${target.kind}`)}
            {plan.target.freeBytes === null ? null : <> · {t("free", { bytes: format.bytes(plan.target.freeBytes) })}</>}
            {target.kind === "beside" ? <span className="mt-1 block font-mono text-xs">{Object.entries(target.names).map(([from, to]) => `${from} → ${to}`).join(", ")}</span> : null}
          </span>,
        ],
        [t("checks"), plan.request.ownChecks === false ? t("unchecked") : plan.checks?.join(", ") || null],
        [t("total"), <strong key="total"><TimeRange likely={likely} slow={slow} /></strong>],
        [t("hash"), <span key="hash" className="font-mono text-xs" title={plan.hash}>{plan.hash.slice(0, 4)}-{plan.hash.slice(4, 8)}</span>],
      ]}
    />
  );
}
