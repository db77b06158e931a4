import { useTranslations } from "next-intl";
import type { RestoreTarget } from "#lib/contract/recovery/restore.ts";
import { Choice } from "../../ui/field.tsx";

interface OwnChecksProps {
  readonly kind: RestoreTarget["kind"];
  /** Own checks that judge what is chosen. */
  readonly count: number;
  readonly checked: boolean;
  onChange(checked: boolean): void;
}

/** Whether own checks judge the result; nothing where none does. Data of the past may fail them for good reasons: who restores decides that before. */
export function OwnChecks({ kind, count, checked, onChange }: OwnChecksProps) {
  const t = useTranslations("recovery.target");
  if (count === 0 || kind === "beside") return null;
  return <Choice type="checkbox" className="mt-6" checked={checked} onChange={(event) => onChange(event.target.checked)} label={t("ownChecks", { count })} hint={t(`ownChecksHint.${kind}`)} />;
}
