"use client";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { useFormats } from "#lib/i18n/formats.ts";
import { classes } from "../ui/classes.ts";
import type { LogLine } from "./journal.ts";

/** The run's own words. Follows the newest line until the reader scrolls up. */
export function RunLog({ lines, live }: { readonly lines: readonly LogLine[]; readonly live: boolean }) {
  const t = useTranslations("run");
  const format = useFormats();
  const box = useRef<HTMLDivElement>(null);
  const [follow, setFollow] = useState(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are what it reacts to
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, follow]);
  if (lines.length === 0) return <p className="text-muted">{t("logEmpty")}</p>;
  return (
    <>
      <div
        ref={box}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t("log")}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => setFollow(scrollHeight - scrollTop - clientHeight < 40)}
        className="max-h-96 overflow-y-auto rounded-sm bg-sunken p-3 font-mono text-xs leading-5"
      >
        {lines.map((line) => (
          <p key={line.seq} className={classes("whitespace-pre-wrap", line.level === "error" ? "text-danger-fg" : line.level === "warn" ? "text-warn-fg" : line.level === "debug" ? "text-muted" : "")}>
            <time dateTime={line.at} title={format.instant(line.at)} className="text-muted">{format.clock(line.at).slice(0, 8)}</time>
            {" "}
            {line.level === "warn" || line.level === "error" ? `${line.level.toUpperCase()} ` : ""}
            {line.text}
          </p>
        ))}
      </div>
      {live ? (
        <label className="mt-1 flex min-h-11 items-center gap-2 text-sm">
          <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.target.checked)} className="size-5 accent-(--ink)" />
          {t("logFollow")}
        </label>
      ) : null}
    </>
  );
}
