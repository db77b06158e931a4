import { useTranslations } from "next-intl";
import { Badge } from "./badge.tsx";
import { STATUS_LOOK, statusName } from "./status-names.ts";
import type { Tone } from "./tone.ts";

interface StatusProps {
  /** A StatusName; anything else shows as unknown. */
  readonly state: string | null | undefined;
  /** More on the reason, shown on demand: of whom it waits, when it was proven. */
  readonly title?: string;
  readonly className?: string;
}

/** State as badge: icon, word and colour together. */
export function Status({ state, title }: StatusProps) {
  const t = useTranslations("status");
  const name = statusName(state);
  const look: { icon: (typeof STATUS_LOOK)[typeof name]["icon"]; tone: Tone; filled?: true; turning?: true } = STATUS_LOOK[name];
  return (
    <Badge tone={look.tone} icon={look.icon} filled={look.filled ?? false} turning={look.turning ?? false} {...(title ? { title } : {})}>
      {t(name)}
    </Badge>
  );
}

