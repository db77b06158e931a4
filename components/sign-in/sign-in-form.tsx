"use client";
import { signIn } from "next-auth/react";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";

type Trouble = "refused" | "down";

/** E-mail and password; on success the browser goes to `target` afresh, so that nothing of a former visitor stays in memory. */
export function SignInForm({ target }: { readonly target: string }) {
  const t = useTranslations("signIn");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setTrouble(null);
    const answer = await signIn("credentials", { redirect: false, email: form.get("email"), password: form.get("password") }).catch(() => undefined);
    if (answer?.ok && !answer.error) return window.location.assign(target);
    setBusy(false);
    setTrouble(answer?.error === "SIGN_IN_REFUSED" ? "refused" : "down");
  };

  return (
    <form onSubmit={submit} method="post" className="flex flex-col gap-4">
      <div role="alert" className="empty:hidden">
        {trouble ? (
          <Notice tone="danger" title={t(trouble)}>
            <p>{t(`${trouble}Why`)}</p>
            <p className="font-medium">{t(`${trouble}Todo`)}</p>
          </Notice>
        ) : null}
      </div>
      <TextField name="email" type="email" label={t("email")} autoComplete="username" required inputMode="email" autoCapitalize="none" spellCheck={false} />
      <TextField name="password" type="password" label={t("password")} autoComplete="current-password" required maxLength={256} />
      <Button type="submit" look="primary" size="lg" wide disabled={busy} aria-busy={busy}>{busy ? t("submitting") : t("submit")}</Button>
    </form>
  );
}
