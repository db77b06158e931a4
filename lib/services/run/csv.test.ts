import { expect, test } from "vitest";
import { csvLine } from "./csv.ts";

test.each([
  [["a", 1, null, "b"], "a,1,,b\r\n"],
  [['say "hi"', "a,b", "line\nbreak", "semi;colon"], '"say ""hi""","a,b","line\nbreak","semi;colon"\r\n'],
  [["=1+1", "+1", "-1", "@x", "\t=1", "  =1", "＝1"], "'=1+1,'+1,'-1,'@x,'\t=1,'  =1,'＝1\r\n"],
  [[-5, 1.5], "-5,1.5\r\n"],
  [["2026-11-23", "ok-1", "a=b"], "2026-11-23,ok-1,a=b\r\n"],
])("%j", (cells, line) => expect(csvLine(cells)).toBe(line));
