import Form from "next/form";
import { useTranslations } from "next-intl";
import type { SetRow } from "#lib/contract/views/backup.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Button } from "../../ui/button.tsx";
import { Choice } from "../../ui/field.tsx";
import { Bytes, Instant } from "../../ui/instant.tsx";
import { Status } from "../../ui/status.tsx";
import { Age } from "../../ui/time-ago.tsx";
import { HiddenValues } from "../hidden-values.tsx";
import { WizardFooter } from "../wizard-frame.tsx";

interface SetChoiceProps {
  /** Newest first. */
  readonly sets: readonly SetRow[];
  readonly latestProven: SetRow | null;
  readonly kept: readonly (readonly [string, string])[];
}

/** Which backup: the latest proven one first and chosen. */
export function SetChoice({ sets, latestProven, kept }: SetChoiceProps) {
  const t = useTranslations("recovery");
  const first = latestProven ?? sets[0];
  const rest = sets.filter((set) => set.id !== first?.id);
  return (
    <Form action="/recovery">
      <HiddenValues values={kept} />
      <fieldset className="flex flex-col gap-3">
        <legend className="sr-only">{t("set.legend")}</legend>
        {first ? <SetRadio set={first} checked title={t(latestProven ? "set.latest" : "set.latestAny")} /> : null}
        {rest.length > 0 ? (
          <>
            <h2 className="mt-3 text-sm text-muted">{t("set.older")}</h2>
            {rest.map((set) => <SetRadio key={set.id} set={set} />)}
          </>
        ) : null}
      </fieldset>
      <WizardFooter><Button type="submit" look="primary" size="lg" className="max-sm:w-full sm:min-w-56">{t("next")}</Button></WizardFooter>
    </Form>
  );
}

function SetRadio({ set, checked = false, title }: { readonly set: SetRow; readonly checked?: boolean; readonly title?: string }) {
  const t = useTranslations("recovery");
  const format = useFormats();
  return (
    <Choice
      type="radio"
      name="set"
      value={set.id}
      defaultChecked={checked}
      label={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          {title ? <span className="basis-full text-sm text-muted">{title}</span> : null}
          <Instant at={set.snapshotAt} />
          <Status state={set.level} />
        </span>
      }
      hint={
        <span className="mt-1 block">
          {title ? <span className="block text-ink">{t.rich("set.losesRich", { age: () => <Age since={set.snapshotAt} /> })}</span> : null}
          <span className="font-mono text-xs">{set.server}</span> · <Bytes value={set.sealedBytes} />
          {set.restoreSeconds === null ? null : <> · {t("emergency.pointTime", { time: format.duration(set.restoreSeconds) })}</>}
        </span>
      }
    />
  );
}
