/**
 * Group commit: items that arrive while a group is on its way form the next group. One fsync then serves
 * many callers, and a lone caller still waits for one commit only (docs/decisions/0003).
 *
 * Invariants: an item's promise resolves only after its group's `commit` has; a failed group fails every item of it,
 * unless the failure may be the fault of one of them: then the others go on without it.
 */
export class Batcher<Item, Result> {
  readonly #commit: (items: Item[]) => Promise<Result[]>;
  readonly #maxItems: number;
  readonly #maxBytes: number;
  readonly #maxGroups: number;
  readonly #sizeOf: (item: Item) => number;
  readonly #mayBeOneItem: (error: unknown) => boolean;
  readonly #waiting: Waiting<Item, Result>[] = [];
  #groupsOnTheWay = 0;
  #planned = false;

  /**
   * @param commit stores a group; gives one result per item, in order.
   * @param bounds `maxItems`/`maxBytes` per group; `maxGroups` groups on their way at once (one connection each);
   * `mayBeOneItem`: nothing of a group that failed so was stored, and without the item whose fault it is it would have been.
   */
  constructor(
    commit: (items: Item[]) => Promise<Result[]>,
    bounds: {
      maxItems: number;
      maxBytes?: number;
      maxGroups?: number;
      sizeOf?: (item: Item) => number;
      mayBeOneItem?: (error: unknown) => boolean;
    },
  ) {
    this.#commit = commit;
    this.#maxItems = bounds.maxItems;
    this.#maxBytes = bounds.maxBytes ?? Number.POSITIVE_INFINITY;
    this.#maxGroups = bounds.maxGroups ?? 1;
    this.#sizeOf = bounds.sizeOf ?? (() => 0);
    this.#mayBeOneItem = bounds.mayBeOneItem ?? (() => false);
  }

  /** Items not yet on their way. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#plan();
    });
  }

  // A group is cut at the end of the current turn of the event loop, so that everything one turn brings shares it.
  #plan(): void {
    if (this.#planned || this.#groupsOnTheWay >= this.#maxGroups || this.#waiting.length === 0) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      void this.#send();
    });
  }

  async #send(): Promise<void> {
    const group = this.#cut();
    if (group.length === 0) return;
    this.#groupsOnTheWay += 1;
    this.#plan();
    await this.#store(group);
    this.#groupsOnTheWay -= 1;
    this.#plan();
  }

  /** Never throws. Of 128 items a bad one is found with 14 commits more. */
  async #store(group: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#commit(group.map((entry) => entry.item));
      group.forEach((entry, index) => entry.resolve(results[index]!));
    } catch (error) {
      if (group.length > 1 && this.#mayBeOneItem(error)) {
        const half = group.length >> 1;
        await this.#store(group.slice(0, half));
        await this.#store(group.slice(half));
      } else for (const entry of group) entry.reject(error);
    }
  }

  #cut(): Waiting<Item, Result>[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && count < this.#maxItems) {
      bytes += this.#sizeOf(this.#waiting[count]!.item);
      if (count > 0 && bytes > this.#maxBytes) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}

type Waiting<Item, Result> = {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
};
