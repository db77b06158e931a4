/** What a colour may mean. */
export type Tone = "neutral" | "info" | "ok" | "warn" | "danger";

/** Quiet: text and icon on a tint. */
export const TINTED: Record<Tone, string> = {
  neutral: "bg-sunken text-ink border-line",
  info: "bg-info-tint text-info-fg border-info-strong/40",
  ok: "bg-ok-tint text-ok-fg border-ok-strong/40",
  warn: "bg-warn-tint text-warn-fg border-warn-strong/40",
  danger: "bg-danger-tint text-danger-fg border-danger-strong/40",
};

/** Loud: the mission's colours as fill. */
export const FILLED: Record<Tone, string> = {
  neutral: "bg-ink text-ink-inverse border-transparent",
  info: "bg-info-fill text-info-on-fill border-transparent",
  ok: "bg-ok-fill text-ok-on-fill border-transparent",
  warn: "bg-warn-fill text-warn-on-fill border-transparent",
  danger: "bg-danger-fill text-danger-on-fill border-transparent",
};

/** Text or icon on the page's own ground. */
export const INKED: Record<Tone, string> = {
  neutral: "text-muted",
  info: "text-info-fg",
  ok: "text-ok-fg",
  warn: "text-warn-fg",
  danger: "text-danger-fg",
};
