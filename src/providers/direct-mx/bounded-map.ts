/** A map of at most `most` entries: what was not asked for the longest goes first, unless `mayGo` says that it is in use. */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #most: number;
  readonly #mayGo: (value: Value) => boolean;
  readonly #onGone: (value: Value) => void;

  constructor(most: number, mayGo: (value: Value) => boolean = () => true, onGone: (value: Value) => void = () => {}) {
    this.#most = most;
    this.#mayGo = mayGo;
    this.#onGone = onGone;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#most) return;
    for (const [oldest, one] of this.#entries) {
      if (oldest === key || !this.#mayGo(one)) continue;
      this.#entries.delete(oldest);
      this.#onGone(one);
      return;
    }
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  values(): IterableIterator<Value> {
    return this.#entries.values();
  }
}
