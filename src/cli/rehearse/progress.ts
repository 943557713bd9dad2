import type { Clock } from "../../kernel/index.ts";
import { span } from "../when.ts";
import type { Screen } from "../world.ts";

const COLUMNS = 24;
/** Where nobody looks: a line now and then. */
const LINES = 10;

/** How far a rehearsal has come, on standard error: a bar that grows where a person looks, some lines elsewhere. */
export class RehearsalProgress {
  readonly #screen: Screen;
  readonly #all: number;
  readonly #clock: Clock;
  readonly #beganAt: number;
  #done = 0;
  #virtualMs = 0;

  constructor(screen: Screen, clock: Clock, all: number) {
    this.#screen = screen;
    this.#clock = clock;
    this.#beganAt = clock.monotonicMs();
    this.#all = all;
    this.#show();
  }

  ran(virtualMs: number): void {
    this.#done += 1;
    this.#virtualMs += virtualMs;
    this.#show();
  }

  /** The bar goes. */
  end(): void {
    if (this.#screen.isTerminal) this.#screen.write("\r\x1b[2K");
  }

  #show(): void {
    const share = this.#done / this.#all;
    const left = this.#all - this.#done;
    const leftMs = this.#done === 0 ? null : ((this.#clock.monotonicMs() - this.#beganAt) / this.#done) * left;
    const rest = leftMs === null || left === 0 ? "" : `, about ${span(leftMs)} left`;
    const text = `${this.#done} of ${this.#all} rehearsed, ${span(this.#virtualMs)} of virtual time${rest}`;
    if (this.#screen.isTerminal) {
      const full = Math.round(share * COLUMNS);
      this.#screen.write(`\r\x1b[2K${"█".repeat(full)}${"░".repeat(COLUMNS - full)} ${text}`);
    } else if (this.#done > 0 && this.#done % Math.max(1, Math.ceil(this.#all / LINES)) === 0)
      this.#screen.write(`${text}\n`);
  }
}
