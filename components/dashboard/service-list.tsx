import type { IconDefinition } from "@fortawesome/free-solid-svg-icons";
import { faCircleCheck } from "@fortawesome/free-solid-svg-icons/faCircleCheck";
import { faCircleQuestion } from "@fortawesome/free-solid-svg-icons/faCircleQuestion";
import { faCircleXmark } from "@fortawesome/free-solid-svg-icons/faCircleXmark";
import { faTriangleExclamation } from "@fortawesome/free-solid-svg-icons/faTriangleExclamation";
import { useTranslations } from "next-intl";
import type { ServiceState, ServiceStatus } from "#lib/contract/views/status.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Card } from "../ui/card.tsx";
import { classes } from "../ui/classes.ts";
import { Icon } from "../ui/icon.tsx";
import { INKED, type Tone } from "../ui/tone.ts";

/** Every part the console depends on, with its state in words. */
export function ServiceList({ services }: { readonly services: readonly ServiceStatus[] }) {
  const t = useTranslations("dashboard");
  const format = useFormats();
  return (
    <Card title={<span id="services" className="scroll-mt-20">{t("services")}</span>}>
      <ul className="flex flex-col divide-y divide-line">
        {services.map((service) => {
          const look = LOOK[service.state];
          const more = [
            service.latencyMs === null ? null : format.duration(service.latencyMs / 1000),
            service.ageSeconds === null ? null : t("lastSign", { age: format.duration(service.ageSeconds) }),
            service.kind === "worker" || service.kind === "server" ? service.detail : null,
          ].filter(Boolean);
          return (
            <li key={`${service.kind}-${service.name}`} className="flex flex-wrap items-baseline gap-x-3 py-2.5 text-sm first:pt-0 last:pb-0">
              <Icon icon={look.icon} className={classes("translate-y-0.5 text-base", INKED[look.tone])} />
              <span className="font-medium">{t(`service.${service.kind}`)}{service.kind === "worker" || service.kind === "server" ? <span className="ml-1.5 font-mono text-xs font-normal">{service.name}</span> : null}</span>
              <span className={classes("ml-auto", INKED[look.tone])}>{t(`serviceState.${service.state}`)}</span>
              {more.length > 0 ? <span className="basis-full pl-8 text-xs text-muted">{more.join(" · ")}</span> : null}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

const LOOK: Record<ServiceState, { icon: IconDefinition; tone: Tone }> = {
  up: { icon: faCircleCheck, tone: "ok" },
  late: { icon: faTriangleExclamation, tone: "warn" },
  down: { icon: faCircleXmark, tone: "danger" },
  unknown: { icon: faCircleQuestion, tone: "warn" },
};
