import "./globals.css";
import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import { NextIntlClientProvider } from "next-intl";
import { getLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { THEME_COOKIE, themeOf } from "#components/layout/theme.ts";
import { Toaster } from "#components/ui/toaster.tsx";

export const metadata: Metadata = {
  title: { default: "Salvagente", template: "%s · Salvagente" },
  description: "Backup e ripristino MySQL",
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  viewportFit: "cover",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#ffffff" },
    { media: "(prefers-color-scheme: dark)", color: "#161b22" },
  ],
};

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const [locale, kept] = await Promise.all([getLocale(), cookies()]);
  const theme = themeOf(kept.get(THEME_COOKIE)?.value);
  return (
    <html lang={locale} {...(theme === "system" ? {} : { "data-theme": theme })} suppressHydrationWarning>
      <body>
        <NextIntlClientProvider>
          {children}
          <Toaster />
        </NextIntlClientProvider>
      </body>
    </html>
  );
}
