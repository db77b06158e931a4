import type { Tone } from "./tone.ts";

interface MeterProps {
  /** 0 to 1; null = not known how far. */
  readonly share: number | null;
  /** Read out. */
  readonly label: string;
  readonly tone?: Tone;
  /** A mark on the bar, 0 to 1: a threshold, an objective. */
  readonly mark?: number;
}

/** A bar. The number stands beside it in words. */
export function Meter({ share, label, tone = "info", mark }: MeterProps) {
  const percent = share === null ? null : Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? {} : { "aria-valuenow": percent })}
      className="relative h-2.5 w-full overflow-hidden rounded-full border border-input-line bg-sunken"
    >
      <div className={`h-full ${BAR[tone]} ${percent === null ? "skeleton-block w-full" : ""} transition-[width] duration-200`} style={percent === null ? undefined : { width: `${percent}%` }} />
      {mark !== undefined ? <div className="absolute inset-y-0 w-0.5 bg-ink" style={{ left: `${mark * 100}%` }} /> : null}
    </div>
  );
}

const BAR: Record<Tone, string> = { neutral: "bg-muted", info: "bg-info-strong", ok: "bg-ok-strong", warn: "bg-warn-strong", danger: "bg-danger-strong" };
