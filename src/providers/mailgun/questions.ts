import type { Asked } from "../account.ts";
import type { HttpCaller } from "../http.ts";
import { type JsonRecord, listOf, recordOf, textOf } from "../json-reading.ts";
import { authorization } from "./request.ts";

/** Lists of a page each are read to this many pages; an account with more is not compared piece by piece. */
export const PAGES = 10;

/** Reads the account with the key for reading. */
export class Questions {
  readonly domain: string;
  readonly #caller: HttpCaller;
  readonly #key: string;
  constructor(caller: HttpCaller, domain: string, key: string) {
    this.#caller = caller;
    this.domain = domain;
    this.#key = key;
  }

  async get(path: string): Promise<Asked<JsonRecord>> {
    const answer = await this.#caller.call({
      method: "GET",
      path,
      headers: { authorization: authorization(this.#key) },
    });
    if (answer.kind !== "answer") return unavailable(answer.cause);
    if (answer.status !== 200 || answer.json === undefined) return unavailable(`status ${answer.status}`);
    return { kind: "answer", value: recordOf(answer.json) };
  }

  /**
   * Pages by `paging.next` until one is empty (as "Event Polling" says). `isWhole` is false where PAGES, or `enough`, came first.
   * @param enough asked after each page.
   */
  async pages(
    path: string,
    enough: () => boolean,
    take: (item: JsonRecord) => void,
  ): Promise<Asked<{ isWhole: boolean }>> {
    let at: string | null = path;
    for (let n = 0; n < PAGES && at !== null; n++) {
      const page = await this.get(at);
      if (page.kind === "unavailable") return page;
      const items = listOf(page.value["items"]).map(recordOf);
      if (items.length === 0) return { kind: "answer", value: { isWhole: true } };
      for (const item of items) take(item);
      if (enough()) break;
      at = this.#pathOf(textOf(recordOf(page.value["paging"])["next"]));
      if (at === null) return { kind: "answer", value: { isWhole: true } };
    }
    return { kind: "answer", value: { isWhole: false } };
  }

  /** Of an address of the next page only the path is used, and only within this domain: the key goes nowhere else. */
  #pathOf(url: string | null): string | null {
    if (url === null || !URL.canParse(url)) return null;
    const { pathname, search } = new URL(url);
    return pathname.startsWith(`/v3/${encodeURIComponent(this.domain)}/`) ? pathname + search : null;
  }
}

const unavailable = (reason: string): { kind: "unavailable"; reason: string } => ({ kind: "unavailable", reason });
