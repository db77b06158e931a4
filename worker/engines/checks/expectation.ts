const COMPARISON = /^\s*(>=|<=|<>|!=|==|=|>|<)\s*(.*?)\s*$/s;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INTEGER = /^[+-]?\d+$/;

/**
 * Does a value meet what was expected of it? `> 0`, `>= 10.5`, `<> 3`, `= text`, or the value itself as text.
 * Numbers compare as numbers (integers of any size exactly); an order between texts is refused, since servers differ on it. NULL meets only `NULL`.
 */
export function meets(value: string | null, expect: string): boolean {
  const match = COMPARISON.exec(expect);
  const operator = match?.[1] ?? "=";
  const wanted = match ? (match[2] ?? "") : expect;
  if (value === null) return isNull(wanted) && (operator === "=" || operator === "==");
  if (NUMBER.test(value.trim()) && NUMBER.test(wanted.trim())) return holds(operator, order(value.trim(), wanted.trim()));
  const same = value === wanted || value.trim() === wanted.trim();
  return operator === "=" || operator === "==" ? same : (operator === "<>" || operator === "!=") && !same;
}

function isNull(text: string): boolean {
  return text.trim().toUpperCase() === "NULL";
}

function order(a: string, b: string): number {
  if (INTEGER.test(a) && INTEGER.test(b)) {
    const [x, y] = [BigInt(a.replace(/^\+/, "")), BigInt(b.replace(/^\+/, ""))];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  return Math.sign(Number(a) - Number(b));
}

function holds(operator: string, sign: number): boolean {
  switch (operator) {
    case ">":
      return sign > 0;
    case ">=":
      return sign >= 0;
    case "<":
      return sign < 0;
    case "<=":
      return sign <= 0;
    case "<>":
    case "!=":
      return sign !== 0;
    default:
      return sign === 0;
  }
}
