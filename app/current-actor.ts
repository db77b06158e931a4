import { decode } from "next-auth/jwt";
import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Actor, ServiceContext } from "#lib/services/context.ts";
import { checkSession } from "#lib/services/user/sign-in.ts";
import { clientAddress } from "./client-address.ts";
import { composition } from "./compose.ts";
import { showFault } from "./show-fault.ts";
import { isSecure, sessionCookieName } from "./session-cookie.ts";

/** What the cookie claims, once per request; null without a readable one. Not yet checked against the database. */
export const sessionOf = cache(async (): Promise<{ id: string; sessionEpoch: number } | null> => {
  const { env, sessionSecret } = await composition();
  const token = cookieText((await cookies()).getAll(), sessionCookieName(isSecure(env.NEXTAUTH_URL)));
  if (!token) return null;
  const claims = await decode({ token, secret: sessionSecret }).catch(() => null);
  return claims?.sub && claims.sessionEpoch !== undefined ? { id: claims.sub, sessionEpoch: claims.sessionEpoch } : null;
});

/** Who asks: the cookie's user as the database knows them now, once per request; null when signed out, blocked or revoked. */
export const currentActor = cache(async (): Promise<Actor | null> => {
  const [{ db }, session, asked] = await Promise.all([composition(), sessionOf(), headers()]);
  if (!session) return null;
  const user = await checkSession(db, session);
  return user && { id: user.id, email: user.email, name: user.name, role: user.role, address: clientAddress(asked) };
});

/** What services take, for actions and API routes. @throws Fault SIGNED_OUT */
export async function requestContext(): Promise<ServiceContext> {
  const [actor, { db, queue, clock }] = await Promise.all([currentActor(), composition()]);
  if (!actor) throw new Fault("SIGNED_OUT");
  return { db, queue, clock, actor };
}

/** The same for pages: who is signed out goes to the sign-in page. */
export async function pageContext(): Promise<ServiceContext> {
  try {
    return await requestContext();
  } catch (error) {
    if (error instanceof Fault && error.code === "SIGNED_OUT") redirect("/sign-in");
    return showFault(error);
  }
}

/** A cookie too long for one is sent in numbered pieces. */
function cookieText(all: readonly { name: string; value: string }[], name: string): string {
  const whole = all.find((cookie) => cookie.name === name);
  if (whole) return whole.value;
  const piece = (cookie: { name: string }) => Number(cookie.name.slice(name.length + 1));
  return all
    .filter((cookie) => cookie.name.startsWith(`${name}.`) && Number.isInteger(piece(cookie)))
    .sort((a, b) => piece(a) - piece(b))
    .map((cookie) => cookie.value)
    .join("");
}
