import { useTranslations } from "next-intl";
import type { SetRow } from "#lib/contract/views/backup.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { WizardFooter } from "../wizard-frame.tsx";

interface UnprovenSetProps {
  readonly set: SetRow;
  readonly latestProven: SetRow | null;
  readonly goOnHref: string;
  readonly provenHref: string;
}

/** Asks again before a set is used that no restore test has proven. */
export function UnprovenSet({ set, latestProven, goOnHref, provenHref }: UnprovenSetProps) {
  const t = useTranslations("recovery");
  const format = useFormats();
  const level = set.level === "proven" ? "intact" : set.level;
  return (
    <>
      <Notice tone={level === "refused" ? "danger" : "warn"} title={t("set.unprovenTitle")}>{t(`set.unprovenText.${level}`)}</Notice>
      <WizardFooter>
        {latestProven ? <ButtonLink href={provenHref} look="primary" size="lg" className="max-sm:w-full">{t("set.useProven", { at: format.short(latestProven.snapshotAt) })}</ButtonLink> : null}
        <ButtonLink href={goOnHref} look={latestProven ? "secondary" : "primary"} size="lg" className="max-sm:w-full">{t("set.unprovenOk")}</ButtonLink>
      </WizardFooter>
    </>
  );
}
