"use client";
import { faTrashCan } from "@fortawesome/free-solid-svg-icons/faTrashCan";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Ask } from "../ui/ask.tsx";
import { Button } from "../ui/button.tsx";
import type { ShownFault } from "../ui/fault-panel.tsx";
import type { Section } from "./form-values.ts";

interface DeleteSettingProps {
  readonly section: Section;
  readonly name: string;
  readonly backHref: string;
  readonly onDelete: () => Promise<{ ok: true; value: { revision: number; sent: boolean } } | { ok: false; fault: ShownFault }>;
}

/** Takes a setting away after telling what stays; refused while something needs it. */
export function DeleteSetting({ section, name, backHref, onDelete }: DeleteSettingProps) {
  const t = useTranslations("settings");
  const ui = useTranslations("ui");
  const router = useRouter();
  return (
    <Ask
      title={t("deleteTitle", { name })}
      trigger={<Button look="danger-outline" icon={faTrashCan}>{t("delete")}</Button>}
      refuse={ui("cancel")}
      confirm={{ label: t("deleteConfirm"), look: "danger" }}
      act={onDelete}
      onDone={({ revision, sent }) => {
        toast.success(t(sent ? "deleted" : "deletedUnsent", { name, revision }));
        router.push(backHref);
        router.refresh();
      }}
    >
      <p>{t(`deleteCost.${section}`)}</p>
    </Ask>
  );
}
