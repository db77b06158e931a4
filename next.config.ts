import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";

/** Headers of every answer. The content security policy carries a nonce and is set in proxy.ts. */
const SECURITY_HEADERS = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=(), payment=(), usb=()" },
  // Browsers heed it over https only.
  { key: "Strict-Transport-Security", value: "max-age=31536000" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
];

const config: NextConfig = {
  output: "standalone",
  poweredByHeader: false,
  devIndicators: false,
  reactStrictMode: true,
  // Types of the whole project are checked by `npm run verify`; checking them again here would double the time of the first start.
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: import.meta.dirname },
  // Real Node modules, not bundled: native code, or files found beside them at run time.
  serverExternalPackages: ["@node-rs/argon2", "@prisma/client", "@prisma/adapter-pg", "pg", "bullmq", "ioredis", "pino", "libsodium-wrappers"],
  // A second `next dev` (screenshots, tests) may keep its files apart.
  ...(process.env.SALVAGENTE_NEXT_DIST ? { distDir: process.env.SALVAGENTE_NEXT_DIST } : {}),
  headers: async () => [{ source: "/:path*", headers: SECURITY_HEADERS }],
};

export default createNextIntlPlugin("./lib/i18n/request.ts")(config);
