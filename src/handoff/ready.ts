import { Fifo } from "../kernel/index.ts";
import { MESSAGE_CLASSES, classNumber } from "../mail/index.ts";
import type { RoutePolicy } from "../route/index.ts";
import type { Work } from "./work.ts";

/** started: it left the line · wait: its route has no slot, and so it is for all behind it. */
export type Verdict = "started" | "wait";

/**
 * Works that wait for a slot, by class and route. The most important class goes first, and within a class a route
 * without a slot does not keep another one waiting. Second tries stand apart: each of them may go elsewhere.
 */
export class Ready {
  readonly #lanes = MESSAGE_CLASSES.map(() => new Map<RoutePolicy, Fifo<Work>>());
  readonly #again = MESSAGE_CLASSES.map((): Work[] => []);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(work: Work): void {
    this.#count += 1;
    const n = classNumber(work.message.class);
    if (work.tried.size > 0) {
      this.#again[n]!.push(work);
      return;
    }
    const lanes = this.#lanes[n]!;
    let lane = lanes.get(work.route);
    if (!lane) {
      lane = new Fifo();
      lanes.set(work.route, lane);
    }
    lane.push(work);
  }

  /** Nothing of this class or a more important one waits on this route: a newcomer passes nobody. */
  isClear(route: RoutePolicy, upToClass: number): boolean {
    if (this.#count === 0) return true;
    for (let n = 0; n <= upToClass; n += 1) {
      if ((this.#lanes[n]!.get(route)?.size ?? 0) > 0 || this.#again[n]!.length > 0) return false;
    }
    return true;
  }

  /** Offers works in their order to `start` until every line waits. */
  offer(start: (work: Work) => Verdict): void {
    if (this.#count === 0) return;
    for (let n = 0; n < MESSAGE_CLASSES.length; n += 1) {
      const again = this.#again[n]!;
      if (again.length > 0) {
        this.#again[n] = again.filter((work) => start(work) === "wait");
        this.#count -= again.length - this.#again[n]!.length;
      }
      for (const lane of this.#lanes[n]!.values()) {
        while (lane.size > 0 && start(lane.peek()!) === "started") {
          lane.shift();
          this.#count -= 1;
        }
      }
    }
  }

  /** Takes everything out, for a clean end. */
  clear(): void {
    for (const lanes of this.#lanes) lanes.clear();
    for (const again of this.#again) again.length = 0;
    this.#count = 0;
  }
}
