"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import type { FoundTransaction } from "#lib/contract/archive/transaction-search.ts";
import type { DangerPage } from "#lib/contract/views/instant.ts";
import type { TimelineView } from "#lib/contract/views/timeline.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Button } from "../../ui/button.tsx";
import type { ShownFault } from "../../ui/fault-panel.tsx";
import { Choice, ErrorSummary, TextField } from "../../ui/field.tsx";
import { millisOf } from "../timeline/at-instant.ts";
import { Timeline } from "../timeline/timeline.tsx";
import { WizardFooter } from "../wizard-frame.tsx";
import { DangerList, type DangerSearch } from "./danger-list.tsx";
import { entryAt, instantOf, TimeField } from "./time-field.tsx";
import { headlineOf, maySkip, replayUntil } from "./transaction-text.ts";

export type Way = "latest" | "event" | "time" | "place" | "set";

/** What is chosen, as the address holds it. */
interface Chosen {
  readonly wanted: "time" | "before" | "after" | "position";
  readonly at: string;
  readonly skip?: string;
}

interface InstantFormProps {
  readonly timeline: TimelineView;
  /** Last reachable instant, microseconds. */
  readonly latest: string;
  readonly way: Way;
  /** Instant to begin with, milliseconds. */
  readonly at: number | null;
  /** Choices of other steps that stay in the address. */
  readonly kept: readonly (readonly [string, string])[];
  /** The choice among full backups, with a button of its own. */
  readonly sets: ReactNode;
  readonly onSearch: (search: DangerSearch) => Promise<{ ok: true; value: DangerPage } | { ok: false; fault: ShownFault }>;
}

/** «A quale istante?»: the last one, just before an event, a date and time, a place in the log, or a backup as it is. */
export function InstantForm({ timeline, latest, way: given, at, kept, sets, onSearch }: InstantFormProps) {
  const t = useTranslations("instant");
  const ui = useTranslations("ui");
  const words = useTranslations("recovery");
  const format = useFormats();
  const router = useRouter();
  const [way, setWay] = useState<Way>(given);
  const [time, setTime] = useState(() => entryAt(at ?? millisOf(latest), format.zone));
  const [place, setPlace] = useState("");
  const [event, setEvent] = useState<FoundTransaction | null>(null);
  const [skipping, setSkipping] = useState(false);
  const [found, setFound] = useState<readonly FoundTransaction[]>([]);
  const [told, setTold] = useState(false);
  const typed = instantOf(time);
  const chosen = chosenBy(way, { latest, typed, place, event, skipping });
  const goOn = () => {
    setTold(true);
    if (!chosen) return;
    const query = new URLSearchParams([...kept, ["server", timeline.server], ["wanted", chosen.wanted], ["at", chosen.at], ...(chosen.skip ? [["skip", chosen.skip] as const] : [])].map(([name, value]) => [name, value]));
    router.push(`/recovery?${query}`);
  };
  const cursor = way === "latest" ? millisOf(latest) : way === "event" && event ? millisOf(event.committedAt) : millisOf(typed ?? latest);
  const radio = (one: Way, label: string, hint: string) => <Choice type="radio" name="way" value={one} checked={way === one} onChange={() => setWay(one)} label={label} hint={hint} />;
  const inside = "ml-4 flex flex-col gap-3 border-l-2 border-line pl-4 max-sm:ml-0 max-sm:pl-3";
  return (
    <>
      <section className="mb-4 rounded-md border border-line bg-surface p-4" aria-label={t("timeline")}>
        <Timeline
          timeline={timeline}
          dangers={found.map((one) => ({ at: millisOf(one.committedAt), text: headlineOf(one).statement ?? one.file }))}
          chosen={cursor}
          onChoose={(instant) => {
            const one = found.find(({ committedAt }) => millisOf(committedAt) === instant);
            setWay(one ? "event" : "time");
            if (one) setEvent(one);
            else setTime(entryAt(instant, time.zone));
          }}
        />
      </section>
      {told && !chosen && way !== "set" ? <div className="mb-4"><ErrorSummary title={ui("checkFields")} errors={[{ fieldId: way === "time" ? "instant-time" : way === "place" ? "instant-place" : "instant-ways", text: t(`missing.${way}`) }]} /></div> : null}
      <fieldset id="instant-ways" className="flex flex-col gap-3">
        <legend className="sr-only">{t("ways")}</legend>
        {radio("latest", t("latest"), format.precise(millisOf(latest)))}
        {radio("event", t("event"), t("eventHint"))}
        {way === "event" ? (
          <div className={inside}>
            <DangerList now={Date.parse(timeline.at)} chosen={event} onChoose={setEvent} onSearch={onSearch} onFound={setFound} />
            {event && maySkip(event.gtid) ? <Choice type="checkbox" checked={skipping} onChange={(change) => setSkipping(change.target.checked)} label={t("skip")} hint={t("skipHint")} /> : null}
          </div>
        ) : null}
        {radio("time", t("timeWay"), t("timeHint"))}
        {way === "time" ? <div className={inside}><TimeField value={time} told={told} onChange={setTime} /></div> : null}
        {radio("place", t("place"), t("placeHint"))}
        {way === "place" ? <div className={inside}><TextField id="instant-place" label={t("placeLabel")} hint={t("placeFormat")} error={told && !chosen ? t("missing.place") : undefined} value={place} onChange={(change) => setPlace(change.target.value)} autoCapitalize="none" autoCorrect="off" spellCheck={false} className="font-mono" /></div> : null}
        {radio("set", t("set"), t("setHint"))}
      </fieldset>
      {way === "set" ? <div className="mt-4">{sets}</div> : <WizardFooter><Button look="primary" size="lg" className="max-sm:w-full sm:min-w-56" onClick={goOn}>{words("next")}</Button></WizardFooter>}
    </>
  );
}

interface Entries {
  readonly latest: string;
  readonly typed: string | null;
  readonly place: string;
  readonly event: FoundTransaction | null;
  readonly skipping: boolean;
}

function chosenBy(way: Way, { latest, typed, place, event, skipping }: Entries): Chosen | null {
  if (way === "latest") return { wanted: "time", at: latest };
  if (way === "time") return typed === null ? null : { wanted: "time", at: typed };
  if (way === "place") {
    const text = place.trim();
    if (/^[^:/\s]{1,255}:\d{1,15}$/.test(text) && !/^[0-9a-f-]{36}:/i.test(text)) return { wanted: "position", at: text };
    return /^(?:[0-9a-f-]{36}(?::[a-z_][a-z0-9_]{0,31})?:\d{1,19}|\d+-\d+-\d+)$/i.test(text) ? { wanted: "after", at: text } : null;
  }
  if (way !== "event" || !event) return null;
  if (skipping && maySkip(event.gtid)) return { wanted: "time", at: replayUntil(latest, event.committedAt), skip: event.gtid };
  return event.gtid === null ? { wanted: "position", at: `${event.file}:${event.start}` } : { wanted: "before", at: event.gtid };
}
