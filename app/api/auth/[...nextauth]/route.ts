import NextAuth from "next-auth";
import { authOptions } from "../../../auth-options.ts";

interface Segment {
  readonly params: Promise<{ nextauth: string[] }>;
}

async function answer(request: Request, segment: Segment): Promise<Response> {
  return NextAuth(request as never, segment as never, await authOptions());
}

export { answer as GET, answer as POST };
