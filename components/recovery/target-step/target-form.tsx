"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import type { RestoreRequest, RestoreTarget } from "#lib/contract/recovery/restore.ts";
import type { PlanOutcome } from "#lib/contract/views/recovery.ts";
import type { Role } from "#lib/domain/access/permissions.ts";
import { checksOfRestore } from "#lib/domain/recovery/own-checks.ts";
import { Button } from "../../ui/button.tsx";
import { Disclosure } from "../../ui/disclosure.tsx";
import { FaultPanel, type ShownFault } from "../../ui/fault-panel.tsx";
import { Choice, ErrorSummary, SelectField, TextField } from "../../ui/field.tsx";
import { Guarded } from "../../ui/guarded.tsx";
import { type InstancePossible, firstKind, type NewServer, wrongFields } from "./new-server.ts";
import { NewServerFields } from "./new-server-fields.tsx";
import { OwnChecks } from "./own-checks.tsx";
import { WizardFooter } from "../wizard-frame.tsx";

type WizardKind = RestoreTarget["kind"];

interface TargetFormProps {
  /** Server the backup comes from. */
  readonly source: string;
  readonly scope: RestoreRequest["scope"];
  readonly schemas: readonly string[];
  /** Generated names, by schema. */
  readonly names: Readonly<Record<string, string>>;
  readonly servers: readonly { readonly name: string; readonly environment: string; readonly knowsChecks: boolean }[];
  /** Own checks of the source; known where its own host works. */
  readonly checks: readonly { readonly schema?: string | undefined }[];
  /** What the plan to be changed had; true for a new one. */
  readonly ownChecks: boolean;
  readonly preset: WizardKind | undefined;
  /** May a new server be made, or what is missing: the scope is not the whole server, the set holds no data files. */
  readonly instance: InstancePossible;
  readonly role: Role;
  readonly onPlan: (target: RestoreTarget, ownChecks: boolean) => Promise<{ ok: true; value: PlanOutcome } | { ok: false; fault: ShownFault }>;
}

/** Where to: beside, another server, or (folded away) in place, of schemas or of a stopped server's files. Asks the host for a plan. */
export function TargetForm({ source, scope, schemas, names: generated, servers, checks, ownChecks, preset, instance, role, onPlan }: TargetFormProps) {
  const t = useTranslations("recovery.target");
  const ui = useTranslations("ui");
  const router = useRouter();
  const others = servers.filter((server) => server.name !== source);
  const [kind, setKind] = useState<WizardKind>(firstKind(preset, { servers: servers.length, others: others.length, instance }));
  const [made, setMade] = useState<NewServer>({ name: `${source.slice(0, 38)}-2`, port: "3307" });
  const [names, setNames] = useState<Readonly<Record<string, string>>>(generated);
  const [server, setServer] = useState(servers.find((one) => one.name === source)?.name ?? servers[0]?.name ?? "");
  const [other, setOther] = useState(others[0]?.name ?? "");
  const [leaveOut, setLeaveOut] = useState(false);
  const [checked, setChecked] = useState(ownChecks);
  const [faults, setFaults] = useState<readonly ShownFault[]>([]);
  const [busy, start] = useTransition();
  const wrong = kind === "beside" ? schemas.filter((schema) => !/^[^/\\\0]{1,64}$/.test(names[schema] ?? "")) : [];
  const missing = kind === "instance" ? wrongFields(made) : [];
  const target = kind === "instance" ? source : kind === "server" ? other : server;
  const judging = servers.every(({ name, knowsChecks }) => name !== target || knowsChecks) ? checksOfRestore(checks, { server: source, scope, target: { kind, server: target } }).length : 0;
  const [told, setTold] = useState(false);
  const plan = () =>
    start(async () => {
      setTold(true);
      setFaults([]);
      if (wrong.length + missing.length > 0) return;
      const wanted: RestoreTarget = kind === "instance" ? { kind, server: made.name, port: Number(made.port) } : kind === "beside" ? { kind, server, names: Object.fromEntries(schemas.map((schema) => [schema, names[schema] ?? ""])), leaveOutReferencing: leaveOut } : { kind, server: target };
      const answer = await onPlan(wanted, checked || judging === 0);
      if (!answer.ok) return setFaults([answer.fault]);
      if (!answer.value.ok) return setFaults(answer.value.faults);
      router.push(`/recovery/${answer.value.plan.plan.planId}`);
    });
  const radio = (one: WizardKind, label: string, hint: string, disabled = false) => <Choice type="radio" name="target" value={one} checked={kind === one} disabled={disabled} onChange={() => setKind(one)} label={label} hint={hint} />;
  const option = (one: { name: string; environment: string }) => ({ value: one.name, label: `${one.name} · ${ui.has(`environment.${one.environment}` as "environment.test") ? ui(`environment.${one.environment}` as "environment.test") : one.environment}${one.name === source ? ` · ${t("sameHost")}` : ""}` });
  const inside = "ml-4 flex flex-col gap-3 border-l-2 border-line pl-4";
  return (
    <>
      {told && missing.length > 0 ? <div className="mb-4"><ErrorSummary title={ui("checkFields")} errors={missing.map((field) => ({ fieldId: `instance-${field}`, text: t(`${field}Wrong`) }))} /></div> : null}
      {told && wrong.length > 0 ? <div className="mb-4"><ErrorSummary title={ui("checkFields")} errors={wrong.map((schema) => ({ fieldId: `name-${schema}`, text: t("newName", { schema }) }))} /></div> : null}
      <fieldset className="flex flex-col gap-3">
        <legend className="sr-only">{t("title")}</legend>
        {radio("beside", t("beside"), t("besideHint"), servers.length === 0)}
        {kind === "beside" ? (
          <div className={inside}>
            <SelectField label={t("on")} value={server} onChange={(event) => setServer(event.target.value)} options={servers.map(option)} />
            {schemas.map((schema) => (
              <TextField
                key={schema}
                id={`name-${schema}`}
                label={t("newName", { schema })}
                hint={t("newNameHint")}
                error={told && wrong.includes(schema) ? t("newNameHint") : undefined}
                value={names[schema] ?? ""}
                onChange={(event) => setNames({ ...names, [schema]: event.target.value })}
                autoCapitalize="none"
                autoCorrect="off"
                spellCheck={false}
                className="font-mono"
              />
            ))}
            <Choice type="checkbox" checked={leaveOut} onChange={(event) => setLeaveOut(event.target.checked)} label={t("leaveOut")} hint={t("leaveOutHint")} />
          </div>
        ) : null}
        {radio("server", t("server"), others.length > 0 ? t("serverHint") : t("none"), others.length === 0)}
        {kind === "server" ? <div className={inside}><SelectField label={t("on")} value={other} onChange={(event) => setOther(event.target.value)} options={others.map(option)} /></div> : null}
        <Guarded role={role} action="restore.run-instance" label={t("instance")}>{radio("instance", t("instance"), t(`instanceHint.${instance}`), instance !== "possible")}</Guarded>
        {kind === "instance" ? <div className={inside}><NewServerFields made={made} wrong={told ? missing : []} onChange={setMade} /></div> : null}
        <Disclosure title={t("other")} open={kind === "in-place" || kind === "replace"} className="flex flex-col gap-3 p-3">
          <Guarded role={role} action="restore.run-in-place" label={t("inPlace")} look="danger-outline">{radio("in-place", t("inPlace"), t("inPlaceHint"))}</Guarded>
          {kind === "in-place" ? <SelectField label={t("on")} value={server} onChange={(event) => setServer(event.target.value)} options={servers.map(option)} /> : null}
          <Guarded role={role} action="restore.run-in-place" label={t("replace")} look="danger-outline">{radio("replace", t("replace"), t(`replaceHint.${instance}`), instance !== "possible" || servers.length === 0)}</Guarded>
          {kind === "replace" ? <SelectField label={t("stopped")} value={server} onChange={(event) => setServer(event.target.value)} options={servers.map(option)} /> : null}
        </Disclosure>
      </fieldset>
      <OwnChecks kind={kind} count={judging} checked={checked} onChange={setChecked} />
      <div aria-live="polite" className="mt-4 flex flex-col gap-3 empty:hidden">{faults.map((fault) => <FaultPanel key={`${fault.code} ${JSON.stringify(fault.params)}`} fault={fault} />)}</div>
      <WizardFooter>
        <Button look="primary" size="lg" className="max-sm:w-full sm:min-w-56" onClick={plan} disabled={busy} aria-busy={busy}>{busy ? t("planning") : t("makePlan")}</Button>
        <p className="text-sm text-muted max-sm:text-center">{t("readOnly")}</p>
      </WizardFooter>
    </>
  );
}
