import { describe, expect, it } from "vitest";
import { serverMessage, withoutValues } from "./server-message.ts";
import { runTasks } from "./schedule.ts";

describe("runTasks", () => {
  const recorder = () => {
    const log: string[] = [];
    let running = 0;
    let most = 0;
    const task = (id: string, cost: number, after: string[] = [], fail = false) => ({
      id, cost, after,
      async run() {
        log.push(id);
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running -= 1;
        if (fail) throw new Error(id);
      },
    });
    return { log, task, most: () => most };
  };

  it("begins with the longest chain and never before what it waits for", async () => {
    const { log, task, most } = recorder();
    await runTasks([task("small", 1), task("index", 50, ["big"]), task("big", 10), task("middle", 20)], 2);
    expect(log.slice(0, 2)).toEqual(["big", "middle"]);
    expect(log.indexOf("index")).toBeGreaterThan(log.indexOf("big"));
    expect(log).toHaveLength(4);
    expect(most()).toBe(2);
  });

  it("begins nothing after a failure and waits for what runs", async () => {
    const { log, task } = recorder();
    await expect(runTasks([task("bad", 9, [], true), task("beside", 8), task("later", 1)], 2)).rejects.toThrow("bad");
    expect(log).toEqual(["bad", "beside"]);
  });

  it("refuses tasks that wait for each other", async () => {
    const { task } = recorder();
    await expect(runTasks([task("a", 1, ["b"]), task("b", 1, ["a"])], 1)).rejects.toThrow(RangeError);
  });
});

describe("serverMessage", () => {
  it.each([
    ["ERROR 1062 (23000) at line 7: Duplicate entry 'Mario Rossi' for key 't.name'\n", "ERROR 1062 (23000) at line 7: Duplicate entry '…' for key 't.name'"],
    ["mysql: [Warning] x\nERROR 1062 (23000) at line 7: Duplicate entry 'O'Hara\nsecret' for key 'u'\n", "ERROR 1062 (23000) at line 7: Duplicate entry '…' for key 'u'"],
    ["ERROR 1366 (HY000) at line 2: Incorrect integer value: 'secret' for column 'a' at row 1", "ERROR 1366 (HY000) at line 2: Incorrect integer value: '…' at row 1"],
    ["ERROR 1064 (42000) at line 3: You have an error near 'INSERT secret' at line 1", "ERROR 1064 (42000) at line 3: You have an error near '…' at line 1"],
    ["ERROR 1146 (42S02) at line 3: Table 'a.b' doesn't exist", "ERROR 1146 (42S02) at line 3: Table 'a.b' doesn't exist"],
    ["ERROR at line 12: Unknown command '\\s'.", "ERROR at line 12: Unknown command '…'."],
    ["mysql: [Warning] x\nmysql: unknown variable 'a=b'", "unknown variable '…'"],
    ["Segmentation fault", null],
  ])("%j", (stderr, expected) => expect(serverMessage(stderr)).toBe(expected));

  it("keeps names where an error has nothing else", () => expect(withoutValues(1049, "Unknown database 'x'")).toBe("Unknown database 'x'"));
});
