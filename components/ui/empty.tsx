import { faLifeRing } from "@fortawesome/free-solid-svg-icons/faLifeRing";
import type { IconDefinition } from "@fortawesome/free-solid-svg-icons";
import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";

interface EmptyProps {
  readonly title: ReactNode;
  /** What will appear here, and when. */
  readonly text?: ReactNode;
  /** One action. */
  readonly action?: ReactNode;
  readonly icon?: IconDefinition;
}

/** Nothing yet: says what will appear and offers one action. */
export function Empty({ title, text, action, icon = faLifeRing }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-8 text-center">
      <Icon icon={icon} className="text-2xl text-muted" />
      <p className="font-semibold">{title}</p>
      {text != null ? <p className="max-w-prose text-balance text-muted">{text}</p> : null}
      {action}
    </div>
  );
}
