import type { IconDefinition } from "@fortawesome/free-solid-svg-icons";
import { faBan } from "@fortawesome/free-solid-svg-icons/faBan";
import { faCalendarXmark } from "@fortawesome/free-solid-svg-icons/faCalendarXmark";
import { faCheck } from "@fortawesome/free-solid-svg-icons/faCheck";
import { faCircleCheck } from "@fortawesome/free-solid-svg-icons/faCircleCheck";
import { faCirclePause } from "@fortawesome/free-solid-svg-icons/faCirclePause";
import { faCircleQuestion } from "@fortawesome/free-solid-svg-icons/faCircleQuestion";
import { faCircleXmark } from "@fortawesome/free-solid-svg-icons/faCircleXmark";
import { faClock } from "@fortawesome/free-solid-svg-icons/faClock";
import { faFileCircleXmark } from "@fortawesome/free-solid-svg-icons/faFileCircleXmark";
import { faFloppyDisk } from "@fortawesome/free-solid-svg-icons/faFloppyDisk";
import { faHourglassHalf } from "@fortawesome/free-solid-svg-icons/faHourglassHalf";
import { faLinkSlash } from "@fortawesome/free-solid-svg-icons/faLinkSlash";
import { faLock } from "@fortawesome/free-solid-svg-icons/faLock";
import { faPlugCircleXmark } from "@fortawesome/free-solid-svg-icons/faPlugCircleXmark";
import { faRotate } from "@fortawesome/free-solid-svg-icons/faRotate";
import { faShieldHalved } from "@fortawesome/free-solid-svg-icons/faShieldHalved";
import { faSquareMinus } from "@fortawesome/free-solid-svg-icons/faSquareMinus";
import { faThumbsDown } from "@fortawesome/free-solid-svg-icons/faThumbsDown";
import { faTrashCan } from "@fortawesome/free-solid-svg-icons/faTrashCan";
import { faTriangleExclamation } from "@fortawesome/free-solid-svg-icons/faTriangleExclamation";
import type { Tone } from "./tone.ts";

interface Look {
  readonly icon: IconDefinition;
  readonly tone: Tone;
  readonly filled?: true;
  readonly turning?: true;
}

/** The whole vocabulary: of runs, sets, copies, schedules. Words are in messages/<language>/status.ts. */
export const STATUS_LOOK = {
  scheduled: { icon: faClock, tone: "neutral" },
  queued: { icon: faHourglassHalf, tone: "neutral" },
  running: { icon: faRotate, tone: "info", turning: true },
  waiting: { icon: faCirclePause, tone: "info" },
  // Done, not yet proven: never green.
  completed: { icon: faCheck, tone: "neutral" },
  stored: { icon: faFloppyDisk, tone: "neutral" },
  intact: { icon: faCircleCheck, tone: "ok" },
  proven: { icon: faShieldHalved, tone: "ok", filled: true },
  warning: { icon: faTriangleExclamation, tone: "warn" },
  failed: { icon: faCircleXmark, tone: "danger" },
  refused: { icon: faThumbsDown, tone: "danger" },
  corrupt: { icon: faFileCircleXmark, tone: "danger" },
  missing: { icon: faSquareMinus, tone: "danger" },
  unreachable: { icon: faLinkSlash, tone: "warn" },
  missed: { icon: faCalendarXmark, tone: "danger" },
  interrupted: { icon: faPlugCircleXmark, tone: "danger" },
  cancelled: { icon: faBan, tone: "neutral" },
  expired: { icon: faTrashCan, tone: "neutral" },
  protected: { icon: faLock, tone: "neutral" },
  unknown: { icon: faCircleQuestion, tone: "warn" },
} as const satisfies Record<string, Look>;

export type StatusName = keyof typeof STATUS_LOOK;

/** State as it came from outside; what is not in the vocabulary is unknown, never fine. */
export function statusName(text: string | null | undefined): StatusName {
  return text != null && Object.hasOwn(STATUS_LOOK, text) ? (text as StatusName) : "unknown";
}
