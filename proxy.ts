import { getToken } from "next-auth/jwt";
import { type NextRequest, NextResponse } from "next/server";
import { readConsoleEnvironment } from "#lib/platform/env.ts";
import { isSecure, sessionCookieName } from "./app/session-cookie.ts";
import { loadSessionSecret } from "./app/session-secret.ts";

const OPEN = ["/sign-in", "/api/auth", "/api/health"];

/**
 * First gate: no readable session cookie, no page. Whether the session still holds (epoch, role, account) is asked
 * again where the data is read. Sets the content security policy with a fresh nonce.
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const path = request.nextUrl.pathname;
  const open = OPEN.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  if (!open && !(await hasSession(request))) return refuse(request, path);

  const nonce = crypto.randomUUID().replaceAll("-", "");
  const policy = contentSecurityPolicy(nonce);
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("Content-Security-Policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  return response;
}

async function hasSession(request: NextRequest): Promise<boolean> {
  const env = readConsoleEnvironment();
  const cookieName = sessionCookieName(isSecure(env.NEXTAUTH_URL));
  // Our cookies only: an Authorization header never makes a session.
  if (!request.cookies.getAll().some(({ name }) => name.startsWith(cookieName))) return false;
  return (await getToken({ req: request, cookieName, secret: loadSessionSecret(env) })) !== null;
}

function refuse(request: NextRequest, path: string): NextResponse {
  if (path.startsWith("/api/")) return NextResponse.json({ code: "SIGNED_OUT" }, { status: 401 });
  const target = request.nextUrl.clone();
  target.pathname = "/sign-in";
  target.search = path === "/" || path === "/dashboard" ? "" : `?${new URLSearchParams({ next: path + request.nextUrl.search })}`;
  return NextResponse.redirect(target);
}

function contentSecurityPolicy(nonce: string): string {
  const development = process.env.NODE_ENV === "development";
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    // Charts, popups and toasts place themselves by style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${development ? " ws:" : ""}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

export const config = { matcher: ["/((?!_next/static|_next/image|icon.svg|favicon.ico).*)"] };
