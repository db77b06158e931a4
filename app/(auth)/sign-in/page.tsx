import type { Metadata } from "next";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Logo } from "#components/layout/logo.tsx";
import { PreferenceButtons } from "#components/layout/preferences.tsx";
import { THEME_COOKIE, themeOf } from "#components/layout/theme.ts";
import { FirstAccount } from "#components/sign-in/first-account.tsx";
import { SignInForm } from "#components/sign-in/sign-in-form.tsx";
import { isNewConsole } from "#lib/services/user/is-new-console.ts";
import { composition } from "../../compose.ts";
import { currentActor } from "../../current-actor.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("signIn"))("title") };
}

export default async function SignInPage({ searchParams }: { readonly searchParams: Promise<{ next?: string | string[] }> }) {
  const [t, { next }, jar, actor, isNew] = await Promise.all([getTranslations("signIn"), searchParams, cookies(), currentActor().catch(() => null), composition().then(isNewConsole).catch(() => false)]);
  const target = inside(typeof next === "string" ? next : undefined);
  if (actor) redirect(target);
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-4 py-8">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center justify-between">
          <span className="flex items-center gap-3"><Logo /></span>
          <PreferenceButtons theme={themeOf(jar.get(THEME_COOKIE)?.value)} />
        </div>
        <div className="rounded-md border border-line bg-surface p-5 sm:p-6">
          <h1 className="text-xl">{t("title")}</h1>
          <p className="mt-1 mb-5 text-balance text-muted">{t("lead")}</p>
          {isNew ? <FirstAccount /> : null}
          <SignInForm target={target} />
        </div>
        <p className="mt-6 text-sm text-muted">
          {t("consoleDead")} <code className="mt-1 block rounded-sm border border-line bg-sunken px-3 py-2 font-mono text-xs text-ink">salvagente list</code>
        </p>
      </div>
    </main>
  );
}

/** Only a path of this console; anything else leads home. */
function inside(path: string | undefined): string {
  return path && /^\/(?![/\\])/.test(path) ? path : "/dashboard";
}
