import { useFormats } from "#lib/i18n/formats.ts";
import { TimeAgo } from "./time-ago.tsx";

interface InstantProps {
  /** ISO-8601, UTC. */
  readonly at: string;
  /** `full` = with seconds and zone (recovery contexts); `short` = day and minutes, the full instant in the title; `ago` adds how long ago. */
  readonly as?: "full" | "short" | "ago";
}

/** An instant in the reader's zone, machine-readable for everything else. */
export function Instant({ at, as = "full" }: InstantProps) {
  const format = useFormats();
  if (as === "short") return <time dateTime={at} title={format.instant(at)} className="whitespace-nowrap">{format.short(at)}</time>;
  return (
    <span>
      <time dateTime={at} title={at}>{format.instant(at)}</time>
      {as === "ago" ? <> <span className="text-muted">(<TimeAgo at={at} />)</span></> : null}
    </span>
  );
}

/** Size with the exact bytes in the title. */
export function Bytes({ value }: { readonly value: number }) {
  const format = useFormats();
  return <span className="tabular whitespace-nowrap" title={`${format.number(value)} byte`}>{format.bytes(value)}</span>;
}
