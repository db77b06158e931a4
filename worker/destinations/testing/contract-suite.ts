import { afterAll, beforeAll, describe } from "vitest";
import { keysContract } from "./keys-contract.ts";
import { objectsContract } from "./objects-contract.ts";
import { probeContract } from "./probe-contract.ts";
import { sendingContract } from "./sending-contract.ts";
import { ContractBench, type Subject } from "./subject.ts";

/** The promises of worker/ports/destination.ts, checked on one adapter against its real service. */
export function destinationContract(name: string, make: () => Promise<Subject>): void {
  describe(`destination contract: ${name}`, () => {
    const bench = new ContractBench(make);
    beforeAll(() => bench.open(), 60_000);
    afterAll(() => bench.close());
    objectsContract(bench);
    keysContract(bench);
    sendingContract(bench);
    probeContract(bench);
  });
}
