import { expect, it } from "vitest";
import { textStream } from "./text-stream.ts";

it("sends every piece in order, as UTF-8", async () => {
  async function* pieces() {
    yield "è ";
    yield "🛟";
  }
  expect(await new Response(textStream(pieces())).text()).toBe("è 🛟");
});

it("ends the source when the reader leaves", async () => {
  let ended = false;
  async function* endless() {
    try {
      for (;;) yield "x";
    } finally {
      ended = true;
    }
  }
  const reader = textStream(endless()).getReader();
  await reader.read();
  await reader.cancel();
  expect(ended).toBe(true);
});

it("breaks the answer when the source fails, instead of ending it as if whole", async () => {
  async function* failing() {
    yield "half";
    throw new Error("gone");
  }
  await expect(new Response(textStream(failing())).text()).rejects.toThrow("gone");
});
