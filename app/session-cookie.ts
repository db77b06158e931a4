/** The session's cookie; the browser sends the secure one over https only. */
export function sessionCookieName(secure: boolean): string {
  return secure ? "__Secure-salvagente.session" : "salvagente.session";
}

/** Is the console reached over https? By its public address, NEXTAUTH_URL. */
export function isSecure(publicUrl: string | undefined): boolean {
  return publicUrl?.startsWith("https://") ?? false;
}

/** A session lives this long without a new sign-in, seconds. */
export const SESSION_SECONDS = 12 * 3600;
