"use client";
import { useTranslations } from "next-intl";
import { Bar, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { Formats } from "#lib/i18n/bound.ts";
import { useFormats } from "#lib/i18n/formats.ts";

export interface TrendPoint {
  /** ISO-8601, UTC. */
  readonly at: string;
  readonly seconds: number;
  readonly bytes: number;
}

/** Duration (line) and size (bars) of runs, oldest first; the same numbers as a table under it. */
export function TrendChart({ points }: { readonly points: readonly TrendPoint[] }) {
  const t = useTranslations("dashboard");
  const ui = useTranslations("ui");
  const format = useFormats();
  const longest = Math.max(1, ...points.map((point) => point.seconds));
  return (
    <figure>
      <figcaption className="mb-2 flex flex-wrap gap-x-5 gap-y-1 text-sm text-muted">
        <span className="inline-flex items-center gap-2"><span aria-hidden className="h-0.5 w-5 bg-ink" />{t("trendDuration")}</span>
        <span className="inline-flex items-center gap-2"><span aria-hidden className="size-3 bg-info-strong" />{t("trendSize")}</span>
      </figcaption>
      {/* Out of the flow: before it is measured the chart has its initial width, which must not widen a phone's page. */}
      <div className="relative h-52 overflow-hidden" aria-hidden>
        <div className="absolute inset-0">
          <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 600, height: 208 }}>
            <ComposedChart data={[...points]} margin={{ top: 8, right: 0, bottom: 0, left: 0 }} accessibilityLayer={false}>
              <CartesianGrid vertical={false} stroke="var(--line)" />
              <XAxis dataKey="at" tickFormatter={(at: string) => format.short(at).split(",")[0] ?? ""} tick={TICK} stroke="var(--line)" minTickGap={28} />
              <YAxis yAxisId="seconds" tickFormatter={(value: number) => axisTime(value, longest, format)} tick={TICK} stroke="none" width={56} tickCount={4} />
              <YAxis yAxisId="bytes" orientation="right" tickFormatter={(value: number) => format.bytes(value)} tick={TICK} stroke="none" width={62} tickCount={4} />
              <Tooltip
                cursor={{ fill: "var(--sunken)" }}
                contentStyle={{ background: "var(--surface)", border: "1px solid var(--input-line)", borderRadius: 6, color: "var(--ink)" }}
                labelFormatter={(at) => format.instant(String(at))}
                formatter={(value, name) => (name === "seconds" ? [format.duration(Number(value)), t("trendDuration")] : [format.bytes(Number(value)), t("trendSize")])}
              />
              <Bar yAxisId="bytes" dataKey="bytes" fill="var(--info-strong)" isAnimationActive={false} maxBarSize={18} />
              <Line yAxisId="seconds" dataKey="seconds" stroke="var(--ink)" strokeWidth={2} dot={{ r: 2.5, fill: "var(--ink)" }} isAnimationActive={false} />
            </ComposedChart>
          </ResponsiveContainer>
        </div>
      </div>
      <details className="mt-2 text-sm">
        <summary className="flex min-h-11 items-center text-muted underline underline-offset-2">{ui("asTable")}</summary>
        <div className="max-h-64 overflow-auto" tabIndex={0}>
          <table className="w-full text-left">
            <thead><tr className="text-muted"><th scope="col" className="py-1 pr-3 font-medium">{t("trendWhen")}</th><th scope="col" className="py-1 pr-3 text-right font-medium">{t("trendDuration")}</th><th scope="col" className="py-1 text-right font-medium">{t("trendSize")}</th></tr></thead>
            <tbody>
              {points.map((point) => (
                <tr key={point.at} className="border-t border-line">
                  <td className="py-1 pr-3">{format.instant(point.at)}</td>
                  <td className="py-1 pr-3 text-right whitespace-nowrap">{format.duration(point.seconds)}</td>
                  <td className="py-1 text-right whitespace-nowrap">{format.bytes(point.bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

const TICK = { fill: "var(--muted)", fontSize: 12 };

/** One unit for the whole axis, chosen by its longest value. */
function axisTime(seconds: number, longest: number, format: Formats): string {
  const [unit, size] = longest >= 7200 ? (["h", 3600] as const) : longest >= 120 ? (["min", 60] as const) : (["s", 1] as const);
  return `${format.number(seconds / size, longest / size < 10 ? 1 : 0)}\u00a0${unit}`;
}
