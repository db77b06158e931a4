import { cookies } from "next/headers";
import { type ReactNode, Suspense } from "react";
import { Clock } from "#components/layout/clock.tsx";
import { ConsoleFrame } from "#components/layout/console-frame.tsx";
import { EnvironmentChip } from "#components/layout/environment-chip.tsx";
import { type Health, HealthLink } from "#components/layout/health-link.tsx";
import { Logo } from "#components/layout/logo.tsx";
import { SignedInMenu } from "#components/layout/signed-in-menu.tsx";
import { THEME_COOKIE, themeOf } from "#components/layout/theme.ts";
import type { ServiceStatus } from "#lib/contract/views/status.ts";
import { pageContext } from "../current-actor.ts";
import { dashboard } from "./dashboard-view.ts";

export default async function ConsoleLayout({ children }: { readonly children: ReactNode }) {
  const [{ actor, clock }, jar] = await Promise.all([pageContext(), cookies()]);
  return (
    <ConsoleFrame
      role={actor.role}
      left={
        <>
          <span className="flex items-center gap-2 md:hidden [&>span]:max-sm:sr-only"><Logo /></span>
          <Suspense><WatchedServer /></Suspense>
        </>
      }
      right={
        <>
          <Clock now={clock.now()} />
          <Suspense fallback={<span className="size-11" />}><HealthSign /></Suspense>
          <SignedInMenu name={actor.name} email={actor.email} role={actor.role} theme={themeOf(jar.get(THEME_COOKIE)?.value)} />
        </>
      }
    >
      {children}
    </ConsoleFrame>
  );
}

/** The server in the header: production before the others. */
async function WatchedServer() {
  const view = await dashboard().catch(() => null);
  const server = view?.servers.find((one) => one.environment === "production") ?? view?.servers[0];
  return server ? <EnvironmentChip environment={server.environment} server={server.server} /> : null;
}

async function HealthSign() {
  const view = await dashboard().catch(() => null);
  return <HealthLink health={view ? worst(view.services) : "unknown"} />;
}

function worst(services: readonly ServiceStatus[]): Health {
  const has = (state: ServiceStatus["state"]) => services.some((service) => service.state === state);
  if (has("down")) return "danger";
  if (has("late")) return "warn";
  return services.length === 0 || has("unknown") ? "unknown" : "ok";
}
