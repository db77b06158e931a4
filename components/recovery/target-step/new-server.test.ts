import { describe, expect, it } from "vitest";
import { firstKind, wrongFields } from "./new-server.ts";

describe("a new server in the wizard", () => {
  it("has a name that can be a folder and a port that an account may open", () => {
    expect(wrongFields({ name: "db-risorto", port: "3307" })).toEqual([]);
    expect(wrongFields({ name: "../etc", port: "80" })).toEqual(["name", "port"]);
    expect(wrongFields({ name: "", port: "65536" })).toEqual(["name", "port"]);
    expect(wrongFields({ name: "db", port: "3307 " })).toEqual(["port"]);
  });

  it("is where the form begins only when it was asked for and can be, or nothing else can", () => {
    expect(firstKind("instance", { servers: 1, others: 0, instance: "possible" })).toBe("instance");
    expect(firstKind("instance", { servers: 1, others: 0, instance: "data-files" })).toBe("beside");
    expect(firstKind(undefined, { servers: 0, others: 0, instance: "possible" })).toBe("instance");
    expect(firstKind("server", { servers: 1, others: 0, instance: "possible" })).toBe("beside");
    expect(firstKind("replace", { servers: 1, others: 0, instance: "possible" })).toBe("replace");
    expect(firstKind("replace", { servers: 1, others: 0, instance: "data-files" })).toBe("beside");
    expect(firstKind("replace", { servers: 0, others: 0, instance: "possible" })).toBe("instance");
    expect(firstKind("in-place", { servers: 1, others: 0, instance: "possible" })).toBe("in-place");
  });
});
