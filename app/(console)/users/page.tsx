import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { UserForm } from "#components/people/user-form.tsx";
import { UserList } from "#components/people/user-list.tsx";
import { Card } from "#components/ui/card.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { isAllowed } from "#lib/domain/access/permissions.ts";
import { listUsers } from "#lib/services/user/list-users.ts";
import { pageContext } from "../../current-actor.ts";
import { shown } from "../../show-fault.ts";
import { changeUserAction, createUserAction } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("people"))("users") };
}

export default async function UsersPage() {
  const [context, t] = await Promise.all([pageContext(), getTranslations("people")]);
  if (!isAllowed(context.actor.role, "user.manage")) return <><PageHeader title={t("users")} /><Notice tone="warn">{t("usersForbidden")}</Notice></>;
  const users = await shown(listUsers(context));
  return (
    <>
      <PageHeader title={t("users")} lead={t("usersLead")} actions={<UserForm onSave={createUserAction} />} />
      <Card flush><UserList rows={users} self={context.actor.id} now={context.clock.now()} change={(user) => <UserForm key={JSON.stringify(user)} user={user} onSave={changeUserAction.bind(null, user.id)} />} /></Card>
    </>
  );
}
