import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { UserRow } from "#lib/contract/views/people.ts";
import { Badge } from "../ui/badge.tsx";
import { DataList } from "../ui/data-list.tsx";
import { Instant } from "../ui/instant.tsx";

interface UserListProps {
  readonly rows: readonly UserRow[];
  readonly self: string;
  readonly change: (user: UserRow) => ReactNode;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Users as table, on a phone as cards. */
export function UserList({ rows, self, change, now }: UserListProps) {
  const t = useTranslations("people");
  const ui = useTranslations("ui");
  const name = (user: UserRow) => <span><span className="font-medium">{user.name}</span>{user.id === self ? <span className="text-muted"> ({t("you")})</span> : null}<span className="block text-sm text-muted">{user.email}</span></span>;
  const state = (user: UserRow) => (user.disabledAt ? <Badge>{t("disabled")}</Badge> : user.lockedUntil && Date.parse(user.lockedUntil) > now ? <Badge tone="warn">{t("locked")}</Badge> : <Badge tone="ok">{t("active")}</Badge>);
  const seen = (user: UserRow) => (user.lastLoginAt ? <Instant at={user.lastLoginAt} as="short" /> : t("never"));
  /** Where no heading says what the time is. */
  const seenInWords = (user: UserRow) => (user.lastLoginAt ? t.rich("lastLogin", { at: () => <Instant at={user.lastLoginAt ?? ""} as="short" /> }) : t("neverIn"));
  return (
    <DataList
      caption={t("caption")}
      rows={rows}
      rowKey={(user) => user.id}
      columns={[
        { key: "name", header: t("column.name"), cell: name },
        { key: "role", header: t("column.role"), cell: (user) => ui(`role.${user.role}`) },
        { key: "state", header: t("column.state"), cell: state },
        { key: "seen", header: t("column.lastLogin"), cell: seen },
        { key: "actions", header: <span className="sr-only">{t("column.actions")}</span>, align: "right", cell: change },
      ]}
      card={(user) => (
        <div className="flex flex-col gap-2">
          <div className="flex items-start justify-between gap-3">{name(user)}{state(user)}</div>
          <div className="flex items-center justify-between gap-3 text-sm text-muted"><span>{ui(`role.${user.role}`)}<span className="block">{seenInWords(user)}</span></span><span className="shrink-0">{change(user)}</span></div>
        </div>
      )}
    />
  );
}
