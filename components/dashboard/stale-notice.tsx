import { faPlugCircleXmark } from "@fortawesome/free-solid-svg-icons/faPlugCircleXmark";
import { useTranslations } from "next-intl";
import type { ServiceStatus } from "#lib/contract/views/status.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Notice } from "../ui/notice.tsx";

/** Says so when a worker is silent: what it told last is history, not state. */
export function StaleNotice({ services }: { readonly services: readonly ServiceStatus[] }) {
  const t = useTranslations("dashboard");
  const format = useFormats();
  const silent = services.filter((service) => service.kind === "worker" && (service.state === "down" || service.state === "unknown"));
  if (silent.length === 0) return null;
  return (
    <div className="mb-4 flex flex-col gap-2">
      {silent.map((worker) => (
        <Notice key={worker.name} tone="warn" icon={faPlugCircleXmark} title={t("stale", { name: worker.name, age: worker.ageSeconds === null ? "none" : format.duration(worker.ageSeconds) })}>
          {t("staleHint")}
        </Notice>
      ))}
    </div>
  );
}
