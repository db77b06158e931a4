import { useTranslations } from "next-intl";
import { useFormats } from "#lib/i18n/formats.ts";
import { Choice, SelectField, TextField } from "../../ui/field.tsx";
import { millisOf } from "../timeline/at-instant.ts";
import { readTypedTime, typedText } from "./typed-time.ts";

/** What stands in the field: text, zone, and of an hour that comes twice which one. */
export interface TimeEntry {
  readonly text: string;
  readonly zone: string;
  readonly second: boolean | null;
}

interface TimeFieldProps {
  readonly value: TimeEntry;
  readonly told: boolean;
  readonly onChange: (value: TimeEntry) => void;
}

/** The instant of an entry, microseconds; null while it is not certain. */
export function instantOf({ text, zone, second }: TimeEntry): string | null {
  const read = readTypedTime(text, zone);
  if (read.kind === "instant") return read.at;
  return read.kind === "twice" && second !== null ? read.at[second ? 1 : 0] : null;
}

/** The entry that means an instant. @param at milliseconds */
export function entryAt(at: number, zone: string): TimeEntry {
  const text = typedText(at, zone);
  const read = readTypedTime(text, zone);
  return { text, zone, second: read.kind === "twice" ? millisOf(read.at[1]) === at : null };
}

/** Date and time as typed, with its zone; asks which of the two where the clocks went back. */
export function TimeField({ value, told, onChange }: TimeFieldProps) {
  const t = useTranslations("instant.time");
  const format = useFormats();
  const read = readTypedTime(value.text, value.zone);
  const error = read.kind === "never" ? t("never", { zone: value.zone }) : told && read.kind === "unreadable" ? t("unreadable") : undefined;
  const zones = [...new Set([format.zone, "UTC"])];
  return (
    <div className="flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-[1fr_12rem]">
        <TextField id="instant-time" label={t("label")} hint={t("hint")} error={error} value={value.text} onChange={(event) => onChange({ ...value, text: event.target.value, second: null })} autoComplete="off" spellCheck={false} className="tabular" />
        <SelectField label={t("zone")} hint={"\u00a0"} value={value.zone} onChange={(event) => onChange({ ...value, zone: event.target.value, second: null })} options={zones.map((zone) => ({ value: zone, label: zone }))} />
      </div>
      {read.kind === "twice" ? (
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-sm font-medium">{t("twice")}</legend>
          {read.at.map((at, index) => <Choice key={at} type="radio" name="which" checked={value.second === (index === 1)} onChange={() => onChange({ ...value, second: index === 1 })} label={format.instant(millisOf(at))} hint={`${new Date(millisOf(at)).toISOString().slice(11, 19)}Z`} />)}
          {told && value.second === null ? <p className="text-sm font-medium text-danger-fg">✖ {t("twiceMissing")}</p> : null}
        </fieldset>
      ) : null}
    </div>
  );
}
