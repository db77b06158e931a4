"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { cronOf, type Preset, presetOf, REPEATS } from "#lib/domain/schedule/preset.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { SelectField, TextField } from "../ui/field.tsx";
import { NextStarts } from "./next-starts.tsx";

interface WhenFieldProps {
  /** Of the control that a link to this field leads to. */
  readonly id: string;
  readonly error: string | undefined;
  readonly cron: string;
  readonly timeZone: string;
  readonly disabled: boolean;
  readonly onChange: (cron: string) => void;
  readonly onBlur: () => void;
}

const DAILY: Preset = { repeat: "daily", time: "02:00", weekday: 0 };
/** A Sunday. */
const SUNDAY = Date.UTC(2026, 10, 1);

/** When a schedule fires: a rhythm by name, or an expression; and what that means. */
export function WhenField({ id, error, cron, timeZone, disabled, onChange, onBlur }: WhenFieldProps) {
  const t = useTranslations("settings");
  const format = useFormats();
  const preset = presetOf(cron);
  // whoever chose to write an expression goes on writing it, also while it happens to be a preset
  const [writes, setWrites] = useState(preset === null);
  const { repeat, time, weekday } = preset ?? DAILY;
  const chosen = writes || !preset ? "cron" : repeat;
  const change = (more: Partial<Preset>) => onChange(cronOf({ repeat, time, weekday, ...more }));
  const weekdays = Array.from({ length: 7 }, (_, day) => ({ value: String(day), label: new Intl.DateTimeFormat(format.locale, { weekday: "long", timeZone: "UTC" }).format(SUNDAY + day * 86_400_000) }));
  return (
    <div className="flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-3">
        <SelectField
          id={chosen === "cron" ? `${id}-repeat` : id}
          label={t("field.repeat")}
          error={chosen === "cron" ? undefined : error}
          disabled={disabled}
          value={chosen}
          options={[...REPEATS.map((value) => ({ value, label: t(`repeat.${value}`) })), { value: "cron", label: t("repeat.cron") }]}
          onChange={(event) => {
            const picked = REPEATS.find((one) => one === event.target.value);
            setWrites(picked === undefined);
            if (picked) change({ repeat: picked });
          }}
        />
        {chosen === "weekly" ? <SelectField id={`${id}-weekday`} label={t("field.weekday")} disabled={disabled} value={String(weekday)} options={[...weekdays.slice(1), ...weekdays.slice(0, 1)]} onChange={(event) => change({ weekday: Number(event.target.value) })} /> : null}
        {chosen === "daily" || chosen === "weekly" ? <TextField id={`${id}-time`} label={t("field.time")} type="time" disabled={disabled} value={time} onChange={(event) => event.target.value !== "" && change({ time: event.target.value })} /> : null}
      </div>
      {chosen === "cron" ? <TextField id={id} label={t("field.cron")} hint={t("field.cronHint")} error={error} disabled={disabled} className="font-mono" value={cron} onChange={(event) => onChange(event.target.value)} onBlur={onBlur} autoCapitalize="none" autoCorrect="off" spellCheck={false} /> : null}
      <NextStarts cron={cron} timeZone={timeZone} />
    </div>
  );
}
