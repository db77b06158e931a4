import type { NextAuthOptions } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import { asFault } from "#lib/domain/fault/fault.ts";
import { signIn } from "#lib/services/user/sign-in.ts";
import { composition } from "./compose.ts";
import { clientAddress } from "./client-address.ts";
import { isSecure, SESSION_SECONDS, sessionCookieName } from "./session-cookie.ts";

declare module "next-auth" {
  interface User {
    sessionEpoch: number;
    role: string;
  }
}

declare module "next-auth/jwt" {
  interface JWT {
    sessionEpoch?: number;
    role?: string;
  }
}

/** E-mail and password; the cookie holds user id, role and session epoch, encrypted. Epoch and role are read again from the database at each request. */
export async function authOptions(): Promise<NextAuthOptions> {
  const { env, db, clock, log, sessionSecret } = await composition();
  const secure = isSecure(env.NEXTAUTH_URL);
  return {
    secret: sessionSecret,
    session: { strategy: "jwt", maxAge: SESSION_SECONDS },
    pages: { signIn: "/sign-in", error: "/sign-in" },
    useSecureCookies: secure,
    cookies: { sessionToken: { name: sessionCookieName(secure), options: { httpOnly: true, sameSite: "lax", path: "/", secure } } },
    providers: [
      CredentialsProvider({
        credentials: { email: {}, password: {} },
        async authorize(given, request) {
          try {
            const address = clientAddress(new Headers(request.headers as Record<string, string>));
            return await signIn({ db, clock }, { email: given?.email ?? "", password: given?.password ?? "", address });
          } catch (error) {
            const { code } = asFault(error);
            if (code !== "SIGN_IN_REFUSED") log.error({ err: error }, "sign-in failed");
            throw new Error(code);
          }
        },
      }),
    ],
    callbacks: {
      jwt: ({ token, user }) => (user ? { sub: user.id, role: user.role, sessionEpoch: user.sessionEpoch } : token),
      // The browser learns nothing from the session endpoint.
      session: ({ session }) => ({ expires: session.expires }),
    },
  };
}
