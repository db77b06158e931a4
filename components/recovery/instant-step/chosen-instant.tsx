import { useTranslations } from "next-intl";
import type { WantedInstant } from "#lib/contract/recovery/instant.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { millisOf } from "../timeline/at-instant.ts";

/** The instant that was asked for, in one line. */
export function ChosenInstant({ wanted, skip }: { readonly wanted: WantedInstant; readonly skip: readonly string[] }) {
  const t = useTranslations("instant.chosen");
  const format = useFormats();
  return (
    <span>
      {wanted.kind === "time" ? <span className="tabular">{format.precise(millisOf(wanted.at))}</span> : <>{t(wanted.kind)} <span className="font-mono text-xs">{wanted.kind === "position" ? `${wanted.file}:${wanted.position}` : wanted.gtid}</span></>}
      {skip.length > 0 ? <span className="block text-xs text-muted">{t("without")} <span className="font-mono">{skip.join(", ")}</span></span> : null}
    </span>
  );
}
