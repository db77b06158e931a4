"use client";
import { faUserPlus } from "@fortawesome/free-solid-svg-icons/faUserPlus";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState, useTransition } from "react";
import { toast } from "sonner";
import type { UserRow } from "#lib/contract/views/people.ts";
import { ROLES, type Role } from "#lib/domain/access/permissions.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { FaultPanel, type ShownFault } from "../ui/fault-panel.tsx";
import { Choice, ErrorSummary, SelectField, TextField } from "../ui/field.tsx";

export interface UserValues {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
  readonly disabled: boolean;
  readonly unlock: boolean;
}

interface UserFormProps {
  /** Absent = a new one. */
  readonly user?: UserRow;
  readonly onSave: (values: UserValues) => Promise<{ ok: true; value: unknown } | { ok: false; fault: ShownFault }>;
}

/** Creates a user or changes one, in a sheet. */
export function UserForm({ user, onSave }: UserFormProps) {
  const t = useTranslations("people");
  const ui = useTranslations("ui");
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [values, setValues] = useState<UserValues>(() => ({ email: user?.email ?? "", name: user?.name ?? "", role: user?.role ?? "sysadmin", password: "", disabled: user?.disabledAt != null, unlock: false }));
  const [told, setTold] = useState(false);
  const [fault, setFault] = useState<ShownFault | null>(null);
  const [busy, start] = useTransition();
  const set = (more: Partial<UserValues>) => setValues((before) => ({ ...before, ...more }));
  const refused = fault?.code === "INPUT_INVALID" ? String(fault.params.fields ?? "") : "";
  const wrong = (["name", "email", "password"] as const).filter((field) => {
    if (refused.split(", ").includes(field)) return true;
    if (field === "name") return values.name.trim() === "";
    if (field === "email") return !user && !/^\S+@\S+\.\S+$/.test(values.email);
    return (!user || values.password !== "") && values.password.length < 12;
  });
  const error = (field: (typeof wrong)[number]) => (told && wrong.includes(field) ? t(`error.${field}`) : undefined);
  const save = (event: FormEvent) => {
    event.preventDefault();
    setTold(true);
    if (wrong.length > 0 && refused === "") return;
    start(async () => {
      setFault(null);
      const answer = await onSave(values);
      if (!answer.ok) return setFault(answer.fault);
      toast.success(t(user ? "changed" : "created"));
      setOpen(false);
      set({ password: "", unlock: false, ...(user ? {} : { email: "", name: "" }) });
      setTold(false);
      router.refresh();
    });
  };
  const id = (field: string) => `user-${user?.id ?? "new"}-${field}`;
  return (
    <Dialog
      kind="sheet"
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setFault(null);
      }}
      title={user ? t("changeTitle", { name: user.name }) : t("add")}
      trigger={user ? <Button>{t("change")}<span className="sr-only"> {user.name}</span></Button> : <Button look="primary" icon={faUserPlus}>{t("add")}</Button>}
      footer={<Button type="submit" form={id("form")} look="primary" size="lg" disabled={busy} aria-busy={busy}>{t(user ? "save" : "create")}</Button>}
    >
      <form id={id("form")} onSubmit={save} noValidate className="flex flex-col gap-4">
        {told ? <ErrorSummary title={ui("checkFields")} errors={wrong.map((field) => ({ fieldId: id(field), text: t(`error.${field}`) }))} /> : null}
        {fault ? <FaultPanel fault={fault} /> : null}
        <TextField id={id("name")} label={t("name")} value={values.name} error={error("name")} onChange={(event) => set({ name: event.target.value })} autoComplete="off" />
        {user ? null : <TextField id={id("email")} type="email" label={t("email")} value={values.email} error={error("email")} onChange={(event) => set({ email: event.target.value })} autoComplete="off" />}
        <SelectField id={id("role")} label={t("role")} hint={user ? t("roleHint") : undefined} value={values.role} onChange={(event) => set({ role: event.target.value as Role })} options={ROLES.map((role) => ({ value: role, label: ui(`role.${role}`) }))} />
        <TextField id={id("password")} type="password" label={t(user ? "newPassword" : "password")} hint={t(user ? "newPasswordHint" : "passwordHint")} value={values.password} error={error("password")} onChange={(event) => set({ password: event.target.value })} autoComplete="new-password" />
        {user ? <Choice type="checkbox" checked={values.disabled} onChange={(event) => set({ disabled: event.target.checked })} label={t("disable")} hint={t("disableHint")} /> : null}
        {user?.lockedUntil ? <Choice type="checkbox" checked={values.unlock} onChange={(event) => set({ unlock: event.target.checked })} label={t("unlock")} /> : null}
      </form>
    </Dialog>
  );
}
