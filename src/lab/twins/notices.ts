import type { Clock } from "../../kernel/index.ts";
import type { SentMessage, TwinEnd } from "./account.ts";
import type { Dialect, Notice, NoticeTarget } from "./dialect.ts";
import type { NoticeMode } from "./faults.ts";
import type { Begin } from "./weather.ts";

const TIMEOUT_MS = 5_000;

/** Sends a vendor's notices, or mangles them: twice, in the wrong order, with a wrong signature, not at all. */
export class Notices {
  readonly #dialect: Dialect;
  readonly #clock: Clock;
  readonly #begin: Begin;
  #target: NoticeTarget | null;
  #mode: NoticeMode = "normal";
  #count = 0;
  /** In mode reordered: the one that waits until a later one has gone. */
  #waiting: Notice | null = null;
  readonly #running = new Set<Promise<void>>();

  constructor(dialect: Dialect, clock: Clock, target: NoticeTarget | null, begin: Begin = () => () => {}) {
    this.#dialect = dialect;
    this.#clock = clock;
    this.#begin = begin;
    this.#target = target;
  }

  get mode(): NoticeMode {
    return this.#mode;
  }

  set(mode: NoticeMode, target: NoticeTarget | null = this.#target): void {
    this.#mode = mode;
    this.#target = target;
  }

  tell(end: TwinEnd, message: SentMessage, recipient: string): void {
    message.ends.set(recipient, end);
    this.#count += 1;
    const isForged = this.#mode === "forged";
    const notice: Notice = { end, message, recipient, at: this.#clock.now(), isForged, id: `notice-${this.#count}` };
    switch (this.#mode) {
      case "silent":
        return;
      case "duplicated":
        return this.#send([notice, notice]);
      case "reordered": {
        const earlier = this.#waiting;
        this.#waiting = earlier ? null : notice;
        return earlier ? this.#send([notice, earlier]) : undefined;
      }
      case "normal":
      case "forged":
        return this.#send([notice]);
    }
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  #send(notices: Notice[]): void {
    const target = this.#target;
    if (target === null) return;
    const end = this.#begin("a notice");
    const running = this.#sendInTurn(notices, target);
    this.#running.add(running);
    void running.finally(() => {
      this.#running.delete(running);
      end();
    });
  }

  async #sendInTurn(notices: readonly Notice[], target: NoticeTarget): Promise<void> {
    for (const notice of notices) {
      const request = this.#dialect.notice(notice, target);
      if (!request) continue;
      const abort = new AbortController();
      const timer = this.#clock.after(TIMEOUT_MS, () => abort.abort());
      try {
        const response = await fetch(target.url, {
          method: "POST",
          redirect: "manual",
          signal: abort.signal,
          ...request,
        });
        await response.arrayBuffer();
      } catch {
        // Vendors retry for hours; the lab's tests look at what arrived.
      } finally {
        timer.cancel();
      }
    }
  }
}
