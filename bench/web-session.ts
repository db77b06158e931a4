import { SEED_PASSWORD } from "#scripts/screens/seed.ts";

/** Asks for a page and reads it to its end: milliseconds. Throws when it is not answered by 200. */
export type ReadPage = (path: string) => Promise<number>;

/** Signs a seeded person in as the sign-in form does, and keeps the cookies. */
export async function signInByHttp(url: string, email: string): Promise<ReadPage> {
  const jar = new Map<string, string>();
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(`${url}${path}`, { ...init, redirect: "manual", headers: { ...init.headers, cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    return answer;
  };
  const { csrfToken } = (await (await ask("/api/auth/csrf")).json()) as { csrfToken: string };
  const body = new URLSearchParams({ csrfToken, email, password: SEED_PASSWORD, callbackUrl: url, json: "true" });
  const answer = await ask("/api/auth/callback/credentials", { method: "POST", body, headers: { "content-type": "application/x-www-form-urlencoded" } });
  const said = await answer.text();
  if (!jar.has("salvagente.session")) throw new Error(`the console did not let ${email} in: ${answer.status} ${said.slice(0, 300)}`);
  return async (path) => {
    const began = performance.now();
    const page = await ask(path);
    const text = await page.text();
    const milliseconds = performance.now() - began;
    if (page.status !== 200 || !text.includes("</html>")) throw new Error(`${path}: ${page.status} ${page.headers.get("location") ?? ""} ${text.slice(0, 300)}`);
    return milliseconds;
  };
}
