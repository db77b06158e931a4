import { inspect } from "node:util";

const HIDDEN = "[secret]";

/**
 * A value that must not be seen: prints as `[secret]` in strings, JSON and inspection.
 * `reveal()` is the only way to the text; call it where the value leaves the process, nowhere earlier.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.toPrimitive](): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
