import { useTranslations } from "next-intl";
import { ButtonLink } from "#components/ui/button.tsx";
import { Empty } from "#components/ui/empty.tsx";

export default function NotFound() {
  const t = useTranslations("ui");
  return (
    <main className="mx-auto max-w-lg py-16">
      <Empty title={t("notFoundTitle")} text={t("notFoundText")} action={<ButtonLink href="/dashboard" look="primary">{t("goHome")}</ButtonLink>} />
    </main>
  );
}
