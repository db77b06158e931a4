import { faXmark } from "@fortawesome/free-solid-svg-icons/faXmark";
import { useTranslations } from "next-intl";
import { Icon } from "../ui/icon.tsx";
import { Link } from "../ui/link.tsx";

interface FilterChipsProps {
  /** What is filtered now, and the address without it. */
  readonly chips: readonly { readonly key: string; readonly text: string; readonly href: string }[];
  readonly clearHref: string;
}

/** The filters in force; a tap removes one. */
export function FilterChips({ chips, clearHref }: FilterChipsProps) {
  const t = useTranslations("activity");
  if (chips.length === 0) return null;
  return (
    <ul className="flex flex-wrap items-center gap-2 px-4 py-2 md:px-5" aria-label={t("filters")}>
      {chips.map((chip) => (
        <li key={chip.key}>
          <Link href={chip.href} aria-label={t("remove", { filter: chip.text })} className="inline-flex min-h-11 items-center gap-2 rounded-full border border-input-line bg-sunken px-4 text-sm no-underline hover:border-ink md:min-h-9">
            {chip.text}
            <Icon icon={faXmark} className="text-muted" />
          </Link>
        </li>
      ))}
      {chips.length > 1 ? <li><Link href={clearHref} className="inline-flex min-h-11 items-center px-2 text-sm underline">{t("clear")}</Link></li> : null}
    </ul>
  );
}
