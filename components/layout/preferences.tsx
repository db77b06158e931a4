"use client";
import { faCircleHalfStroke } from "@fortawesome/free-solid-svg-icons/faCircleHalfStroke";
import { faLanguage } from "@fortawesome/free-solid-svg-icons/faLanguage";
import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { LOCALE_COOKIE, LOCALES, type Locale } from "#lib/i18n/locale.ts";
import { Button } from "../ui/button.tsx";
import { Menu, MenuChoice } from "../ui/menu.tsx";
import { THEME_COOKIE, THEMES, type Theme } from "./theme.ts";

/** Sets language and theme, kept in cookies for a year, no reload needed. */
export function usePreferences() {
  const router = useRouter();
  return {
    setLocale: (locale: Locale) => {
      keep(LOCALE_COOKIE, locale);
      router.refresh();
    },
    setTheme: (theme: Theme) => {
      keep(THEME_COOKIE, theme);
      if (theme === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = theme;
      router.refresh();
    },
  };
}

function keep(name: string, value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}

/** The two choices as menu sections. */
export function PreferenceChoices({ theme }: { readonly theme: Theme }) {
  const t = useTranslations("shell");
  const locale = useLocale();
  const { setLocale, setTheme } = usePreferences();
  return (
    <>
      <MenuChoice label={t("language")} value={locale} options={LOCALES.map((value) => ({ value, label: t(`languages.${value}`) }))} onChange={setLocale} />
      <MenuChoice label={t("theme")} value={theme} options={THEMES.map((value) => ({ value, label: t(`themes.${value}`) }))} onChange={setTheme} />
    </>
  );
}

/** Both as a pair of buttons, for pages without user menu. */
export function PreferenceButtons({ theme }: { readonly theme: Theme }) {
  const t = useTranslations("shell");
  const locale = useLocale();
  const { setLocale, setTheme } = usePreferences();
  return (
    <div className="flex gap-1">
      <Menu trigger={<Button look="quiet" icon={faLanguage} aria-label={t("language")}>{locale.toUpperCase()}</Button>}>
        <MenuChoice label={t("language")} value={locale} options={LOCALES.map((value) => ({ value, label: t(`languages.${value}`) }))} onChange={setLocale} />
      </Menu>
      <Menu trigger={<Button look="quiet" icon={faCircleHalfStroke} aria-label={t("theme")} className="min-w-11 px-0" />}>
        <MenuChoice label={t("theme")} value={theme} options={THEMES.map((value) => ({ value, label: t(`themes.${value}`) }))} onChange={setTheme} />
      </Menu>
    </div>
  );
}
