import { faPlugCircleXmark } from "@fortawesome/free-solid-svg-icons/faPlugCircleXmark";
import { faRightLeft } from "@fortawesome/free-solid-svg-icons/faRightLeft";
import { faRotateLeft } from "@fortawesome/free-solid-svg-icons/faRotateLeft";
import { faTrashCan } from "@fortawesome/free-solid-svg-icons/faTrashCan";
import { useTranslations } from "next-intl";
import type { SwapStanding } from "#lib/contract/recovery/swap.ts";
import { Badge } from "../../ui/badge.tsx";

const LOOK = {
  began: { icon: faPlugCircleXmark, tone: "danger" },
  swapped: { icon: faRightLeft, tone: "info" },
  "taken-back": { icon: faRotateLeft, tone: "neutral" },
  undone: { icon: faRotateLeft, tone: "neutral" },
  dropped: { icon: faTrashCan, tone: "neutral" },
} as const;

/** How a swap stands: icon and word. */
export function SwapState({ state }: Pick<SwapStanding, "state">) {
  const t = useTranslations("swap.standing");
  return <Badge {...LOOK[state]}>{t(`state.${state}`)}</Badge>;
}
