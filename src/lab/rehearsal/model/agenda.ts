/** What is due on the virtual clock, the earliest first: a binary heap. */
export class Agenda<What> {
  readonly #at: number[] = [];
  readonly #what: What[] = [];

  add(at: number, what: What): void {
    let hole = this.#at.length;
    this.#at.push(at);
    this.#what.push(what);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#at[parent]! <= at) break;
      this.#at[hole] = this.#at[parent]!;
      this.#what[hole] = this.#what[parent]!;
      hole = parent;
    }
    this.#at[hole] = at;
    this.#what[hole] = what;
  }

  /** The earliest that is due before `until`. */
  next(until: number): { at: number; what: What } | undefined {
    if (this.#at.length === 0 || this.#at[0]! >= until) return undefined;
    const first = { at: this.#at[0]!, what: this.#what[0]! };
    const at = this.#at.pop()!;
    const what = this.#what.pop()!;
    const size = this.#at.length;
    if (size === 0) return first;
    let hole = 0;
    for (let child = 1; child < size; child = 2 * hole + 1) {
      if (child + 1 < size && this.#at[child + 1]! < this.#at[child]!) child += 1;
      if (this.#at[child]! >= at) break;
      this.#at[hole] = this.#at[child]!;
      this.#what[hole] = this.#what[child]!;
      hole = child;
    }
    this.#at[hole] = at;
    this.#what[hole] = what;
    return first;
  }
}
