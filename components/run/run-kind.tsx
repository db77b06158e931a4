import type { IconDefinition } from "@fortawesome/free-solid-svg-icons";
import { faClipboardCheck } from "@fortawesome/free-solid-svg-icons/faClipboardCheck";
import { faClockRotateLeft } from "@fortawesome/free-solid-svg-icons/faClockRotateLeft";
import { faDatabase } from "@fortawesome/free-solid-svg-icons/faDatabase";
import { faFolderTree } from "@fortawesome/free-solid-svg-icons/faFolderTree";
import { faRightLeft } from "@fortawesome/free-solid-svg-icons/faRightLeft";
import { faVial } from "@fortawesome/free-solid-svg-icons/faVial";
import { useTranslations } from "next-intl";
import type { RunKind } from "#lib/contract/events.ts";
import { Icon } from "../ui/icon.tsx";

const ICONS: Record<RunKind, IconDefinition> = {
  "backup-full": faDatabase,
  "backup-differential": faDatabase,
  "backup-incremental": faDatabase,
  verify: faVial,
  restore: faClockRotateLeft,
  swap: faRightLeft,
  preflight: faClipboardCheck,
  reindex: faFolderTree,
};

/** What a run does, icon and word. */
export function RunKindLabel({ kind }: { readonly kind: RunKind }) {
  const t = useTranslations("run");
  return (
    <span className="inline-flex items-center gap-2 font-medium whitespace-nowrap">
      <Icon icon={ICONS[kind]} className="text-muted" />
      {t(`kind.${kind}`)}
    </span>
  );
}
