import { useTranslations } from "next-intl";
import type { SetRow } from "#lib/contract/views/backup.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Status } from "../ui/status.tsx";

/** Level of a set with the date of its proof and the measured time. */
export function SetLevel({ set }: { readonly set: SetRow }) {
  const t = useTranslations("backups");
  const format = useFormats();
  const note = set.restoreSeconds !== null && set.verifiedAt ? t("provenOn", { at: format.short(set.verifiedAt), time: format.duration(set.restoreSeconds) }) : set.verifiedAt ? t("checkedOn", { at: format.short(set.verifiedAt) }) : t("notChecked");
  return (
    <span className="inline-flex flex-col items-start gap-1">
      <Status state={set.level} title={note} />
      <span className="text-xs text-muted">{note}</span>
    </span>
  );
}
