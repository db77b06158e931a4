import { useTranslations } from "next-intl";
import { Notice } from "../ui/notice.tsx";

/** How the first account is made, while there is none. */
export function FirstAccount() {
  const t = useTranslations("people");
  return (
    <div className="mb-5">
      <Notice tone="info" title={t("first")}>
        <p>{t("firstText")}</p>
        <code className="mt-2 block rounded-sm bg-sunken px-3 py-2 font-mono text-xs break-all text-ink">node controller/first-user.ts --email a@example.com --name Anna &lt; password-file</code>
      </Notice>
    </div>
  );
}
