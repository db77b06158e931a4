import { useTranslations } from "next-intl";
import { classes } from "../ui/classes.ts";

interface EnvironmentChipProps {
  readonly environment: string;
  readonly server: string;
}

/** `PRODUZIONE · db01`: which world one is looking at. */
export function EnvironmentChip({ environment, server }: EnvironmentChipProps) {
  const t = useTranslations("ui");
  const known = environment === "production" || environment === "staging" || environment === "test";
  return (
    <span className="inline-flex max-w-full min-w-0 items-center overflow-hidden rounded-sm border border-input-line text-xs font-semibold">
      <span className={classes("px-2 py-1 tracking-wide", environment === "production" ? "bg-ink text-ink-inverse" : "bg-sunken text-ink")}>
        {known ? t(`environment.${environment}`) : environment}
      </span>
      <span className="truncate px-2 font-mono font-normal max-sm:hidden">{server}</span>
    </span>
  );
}
