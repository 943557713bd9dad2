import type { Asked } from "../account.ts";
import type { HttpCaller } from "../http.ts";
import { type JsonRecord, listOf, recordOf, textOf } from "../json-reading.ts";

/** Pages of a list that are read at most. */
export const PAGES = 10;
/** "limit": 1 to 100. */
const PAGE = 100;

export const authorization = (key: string): string => `Bearer ${key}`;

/** Reads the account. A key that may only send gets 401 restricted_api_key here: set a readKey with full access. */
export class Questions {
  readonly #caller: HttpCaller;
  readonly #key: string;
  constructor(caller: HttpCaller, key: string) {
    this.#caller = caller;
    this.#key = key;
  }

  async get(path: string): Promise<Asked<JsonRecord>> {
    const headers = { authorization: authorization(this.#key) };
    const answer = await this.#caller.call({ method: "GET", path, headers });
    if (answer.kind !== "answer") return { kind: "unavailable", reason: answer.cause };
    const body = recordOf(answer.json);
    if (answer.status === 200 && answer.json !== undefined) return { kind: "answer", value: body };
    return { kind: "unavailable", reason: textOf(body["name"]) ?? `status ${answer.status}` };
  }

  /**
   * A list by its cursor, `after` the last id, newest first. `isWhole` is false where PAGES, or a false of `take`, came first.
   * @param take false: no more is needed.
   */
  async list(path: string, take: (item: JsonRecord) => boolean | void): Promise<Asked<{ isWhole: boolean }>> {
    let after = "";
    for (let n = 0; n < PAGES; n++) {
      const page = await this.get(`${path}?limit=${PAGE}${after}`);
      if (page.kind === "unavailable") return page;
      const items = listOf(page.value["data"]).map(recordOf);
      for (const item of items) if (take(item) === false) return { kind: "answer", value: { isWhole: false } };
      const last = textOf(items.at(-1)?.["id"]);
      if (page.value["has_more"] !== true || last === null) return { kind: "answer", value: { isWhole: true } };
      after = `&after=${encodeURIComponent(last)}`;
    }
    return { kind: "answer", value: { isWhole: false } };
  }
}
