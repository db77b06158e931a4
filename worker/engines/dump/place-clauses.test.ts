import { expect, it } from "vitest";
import { withoutPlace } from "./place-clauses.ts";

it.each([
  [") /*!50100 TABLESPACE `nasty_ts` */ ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;", ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;"],
  [") ENGINE=InnoDB COMMENT='in TABLESPACE `x` DATA DIRECTORY=''/a'' \\' \\\\' DATA DIRECTORY='/it''s/' INDEX DIRECTORY='/b';", ") ENGINE=InnoDB COMMENT='in TABLESPACE `x` DATA DIRECTORY=''/a'' \\' \\\\';"],
  [" PARTITION `DATA DIRECTORY = '/x'` VALUES LESS THAN (1) DATA DIRECTORY = '/srv' ENGINE = InnoDB,", " PARTITION `DATA DIRECTORY = '/x'` VALUES LESS THAN (1) ENGINE = InnoDB,"],
  ["  `data directory` int DEFAULT NULL COMMENT 'TABLESPACE = `a`',", "  `data directory` int DEFAULT NULL COMMENT 'TABLESPACE = `a`',"],
])("%s", (line, expected) => expect(withoutPlace(line)).toBe(expected));
