import { useTranslations } from "next-intl";
import { ButtonLink } from "#components/ui/button.tsx";
import { Empty } from "#components/ui/empty.tsx";

export default function NotFound() {
  const t = useTranslations("ui");
  return <Empty title={t("notFoundTitle")} text={t("notFoundText")} action={<ButtonLink href="/dashboard" look="primary">{t("goHome")}</ButtonLink>} />;
}
