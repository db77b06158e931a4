import { useTranslations } from "next-intl";
import type { CopyView } from "#lib/contract/views/backup.ts";
import { Badge } from "../ui/badge.tsx";
import { STATUS_LOOK, statusName } from "../ui/status-names.ts";

/** One badge per destination: its name, the copy's state as icon and colour and words for screen readers. */
export function CopyBadges({ copies }: { readonly copies: readonly CopyView[] }) {
  const t = useTranslations("status");
  return (
    <span className="inline-flex flex-wrap gap-1.5">
      {copies.map((copy) => {
        const name = statusName(copy.state);
        const { icon, tone } = STATUS_LOOK[name];
        return <Badge key={copy.destination} icon={icon} tone={tone} title={`${copy.destination}: ${t(name)}`}>{copy.destination}<span className="sr-only">: {t(name)}</span></Badge>;
      })}
    </span>
  );
}
