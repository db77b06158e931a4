import { expect, it } from "vitest";
import { repaired } from "./foreign-key-lines.ts";

const bytes = (text: string): string => Buffer.from(text).toString("latin1");
const key = { name: "fk`☂", clause: "CONSTRAINT `fk``☂` FOREIGN KEY (`p`) REFERENCES `x` (`a``b`)" };

it("replaces the lines of the named keys, the comma kept, and no other", () => {
  expect(repaired([key], bytes("  CONSTRAINT `fk`☂` FOREIGN KEY (`p`) REFERENCES `x` (`a`b`),"))).toBe(bytes(`  ${key.clause},`));
  expect(repaired([key], bytes("  CONSTRAINT `fk``☂` FOREIGN KEY (`p`) REFERENCES `x` (`a``b`)"))).toBe(bytes(`  ${key.clause}`));
  for (const line of ["  CONSTRAINT `fk` FOREIGN KEY (`p`) REFERENCES `x` (`a`)", "  `c` int COMMENT '  CONSTRAINT `fk`☂` FOREIGN KEY ('"]) expect(repaired([key], line)).toBe(line);
});
