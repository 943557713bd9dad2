import type { CompiledTemplate } from "../template.ts";
import { STORE_BOUNDS } from "./bounds.ts";
import type { TemplateVersion } from "./template.ts";

type Entry = { version: TemplateVersion; compiled: CompiledTemplate; bytes: number };

/** Compiled versions by their UUID, the least lately asked for first to go. A version never changes, so none is ever stale. */
export class CompiledCache {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  get(uuid: string): Entry | undefined {
    const found = this.#entries.get(uuid);
    if (found) {
      this.#entries.delete(uuid);
      this.#entries.set(uuid, found);
    }
    return found;
  }

  put(uuid: string, entry: Entry): void {
    if (this.#entries.has(uuid)) return;
    this.#entries.set(uuid, entry);
    this.#bytes += entry.bytes;
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#entries.size <= STORE_BOUNDS.compiled && this.#bytes <= STORE_BOUNDS.compiledBytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}
