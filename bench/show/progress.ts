import { grouped } from "./table.ts";

/**
 * What is going on, on stderr, so that a person sees it and a program that reads stdout does not. In a terminal one
 * line moves; elsewhere each step is told once, when it ended.
 */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #moving: boolean;
  readonly #quietMs = 100;
  #drawnAt = 0;

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#out = out;
    this.#moving = out.isTTY === true;
  }

  /** Something that stays to be read. */
  say(text: string): void {
    this.#clear();
    this.#out.write(`${text}\n`);
  }

  /** What is being done right now. */
  doing(text: string): void {
    if (!this.#moving) return;
    this.#clear();
    this.#out.write(this.#cut(`  ${text} …`));
  }

  /** How far it is. */
  count(name: string, done: number, all: number, perSecond: number | null): void {
    const at = performance.now();
    if (!this.#moving || at - this.#drawnAt < this.#quietMs) return;
    this.#drawnAt = at;
    const width = 24;
    const filled = Math.min(width, Math.floor((done / Math.max(1, all)) * width));
    const speed = perSecond === null ? "" : `  ${grouped(perSecond)}/s`;
    this.#clear();
    this.#out.write(
      this.#cut(
        `  ${name}  ${"█".repeat(filled)}${"░".repeat(width - filled)} ${grouped(done)}/${grouped(all)}${speed}`,
      ),
    );
  }

  end(): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#moving) this.#out.write("\r\x1b[K");
  }

  #cut(text: string): string {
    return text.slice(0, Math.max(20, (this.#out.columns || 80) - 1));
  }
}
