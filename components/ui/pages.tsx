import { faChevronLeft } from "@fortawesome/free-solid-svg-icons/faChevronLeft";
import { faChevronRight } from "@fortawesome/free-solid-svg-icons/faChevronRight";
import { useTranslations } from "next-intl";
import { useFormats } from "#lib/i18n/formats.ts";
import { ButtonLink } from "./button.tsx";

interface PagesProps {
  readonly page: number;
  readonly pages: number;
  /** Address of a page with the filters kept. */
  readonly href: (page: number) => string;
}

/** Newer and older, and where one stands. Nothing when there is one page. */
export function Pages({ page, pages, href }: PagesProps) {
  const t = useTranslations("ui");
  const format = useFormats();
  if (pages <= 1) return null;
  return (
    <nav aria-label={t("pages")} className="flex items-center justify-between gap-3 px-4 py-3 md:px-5">
      {page > 1 ? <ButtonLink href={href(page - 1)} icon={faChevronLeft}>{t("newer")}</ButtonLink> : <span />}
      <span className="tabular text-sm text-muted">{t("pageOf", { page: format.number(page), pages: format.number(pages) })}</span>
      {page < pages ? <ButtonLink href={href(page + 1)} icon={faChevronRight}>{t("older")}</ButtonLink> : <span />}
    </nav>
  );
}
