import { getTranslations } from "next-intl/server";
import { InstantForm } from "#components/recovery/instant-step/instant-form.tsx";
import { ServerChoice } from "#components/recovery/instant-step/server-choice.tsx";
import { SetChoice } from "#components/recovery/set-step/set-choice.tsx";
import { WizardFrame } from "#components/recovery/wizard-frame.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Empty } from "#components/ui/empty.tsx";
import type { SetRow } from "#lib/contract/views/backup.ts";
import { listSets } from "#lib/services/backup/list-sets.ts";
import { readTimeline } from "#lib/services/recovery/read-timeline.ts";
import { readSettings } from "#lib/services/settings/read-settings.ts";
import { pageContext } from "../../current-actor.ts";
import { shown } from "../../show-fault.ts";
import { searchDangersAction } from "./actions.ts";
import { type RestoreDraft, wantedOf } from "./draft.ts";

interface InstantStepProps {
  readonly draft: RestoreDraft;
  readonly latestProven: SetRow | null;
}

/** The first step: any second of the archive, or one of the full backups where nothing is archived. */
export async function InstantStep({ draft, latestProven }: InstantStepProps) {
  const [context, t] = await Promise.all([pageContext(), getTranslations("recovery")]);
  const settings = await shown(readSettings(context));
  const names = settings.servers.map(({ config }) => config.name);
  const name = [draft.server, latestProven?.server, names[0]].find((one) => one !== undefined && names.includes(one));
  const timeline = name === undefined ? null : await shown(readTimeline(context, { server: name }));
  const latest = timeline?.recovery?.bands.at(-1)?.to;
  const { rows } = await shown(listSets(context, { pageSize: 15, ...(latest && name !== undefined ? { server: name } : {}) }));
  const kept = keptOf(draft);
  const sets = rows.length === 0 ? <Empty title={t("set.none")} text={t("set.noneText")} action={<ButtonLink href="/settings/destinations">{t("set.toDestinations")}</ButtonLink>} /> : <SetChoice sets={rows} latestProven={latest ? (rows.find(({ level }) => level === "proven") ?? null) : latestProven} kept={kept} />;
  const wanted = wantedOf(draft);
  return (
    <WizardFrame step="set" title={t("set.title")} lead={t("set.lead")}>
      {names.length > 1 && name !== undefined ? <ServerChoice names={names} chosen={name} kept={kept} /> : null}
      {timeline && latest ? (
        <InstantForm
          key={timeline.server}
          timeline={timeline}
          latest={latest}
          way={draft.way ?? (wanted?.kind === "time" ? "time" : "latest")}
          at={wanted?.kind === "time" ? Number(BigInt(wanted.at) / 1000n) : null}
          kept={kept}
          sets={sets}
          onSearch={searchDangersAction.bind(null, timeline.server)}
        />
      ) : sets}
    </WizardFrame>
  );
}

/** Choices of other steps that stay. */
function keptOf({ target, scope }: RestoreDraft): (readonly [string, string])[] {
  return [...(target ? [["target", target] as const] : []), ...(scope ? [["scope", scope] as const] : [])];
}
