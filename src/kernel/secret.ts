import { inspect } from "node:util";

/**
 * A value that must not reach a log, a row or a stack trace. Printing it in any way gives `[secret]`;
 * only `reveal()` gives the text, so every use can be found by name.
 */
export class Secret {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  reveal(): string {
    return this.#text;
  }
  toString(): string {
    return "[secret]";
  }
  toJSON(): string {
    return "[secret]";
  }
  [inspect.custom](): string {
    return "[secret]";
  }
}
