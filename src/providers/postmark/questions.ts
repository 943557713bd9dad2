import type { Asked } from "../account.ts";
import { diagnosticOf } from "../diagnostic.ts";
import type { HttpCaller } from "../http.ts";
import { type JsonRecord, listOf, numberOf, recordOf, textOf } from "../json-reading.ts";

/** Postmark's lists give at most 500 a page, and 10,000 in all ("Count + Offset cannot exceed 10,000", seen 2026-11-25). */
const PAGE = 500;
const PAGES = 20;

/** Which of Postmark's two kinds of token a path wants; they are not interchangeable. */
export type TokenKind = "server" | "account";

/** Reads what a server or the account is configured to and did. */
export class Questions {
  readonly #caller: HttpCaller;
  readonly #tokens: Readonly<Record<TokenKind, string | null>>;

  constructor(caller: HttpCaller, tokens: Readonly<Record<TokenKind, string | null>>) {
    this.#caller = caller;
    this.#tokens = tokens;
  }

  has(kind: TokenKind): boolean {
    return this.#tokens[kind] !== null;
  }

  async get(kind: TokenKind, path: string): Promise<Asked<JsonRecord>> {
    const token = this.#tokens[kind];
    if (token === null) return unavailable("no account token is configured");
    const answer = await this.#caller.call({ method: "GET", path, headers: { [`x-postmark-${kind}-token`]: token } });
    if (answer.kind !== "answer") return unavailable(answer.cause);
    const body = recordOf(answer.json);
    if (answer.status !== 200 || answer.json === undefined) {
      const said = `${numberOf(body["ErrorCode"]) ?? ""} ${textOf(body["Message"]) ?? ""}`.trim();
      return unavailable(diagnosticOf(`HTTP ${answer.status} ${said}`.trim()));
    }
    return { kind: "answer", value: body };
  }

  /**
   * A list that is read page by page; unavailable where the answer holds no such list.
   * @param path with its query, without count and offset. @param most stop once so many are there.
   */
  async list(kind: TokenKind, path: string, member: string, most: number): Promise<Asked<JsonRecord[]>> {
    const found: JsonRecord[] = [];
    for (let page = 0; page < PAGES && found.length < most; page += 1) {
      const count = Math.min(PAGE, most - found.length);
      const joint = path.includes("?") ? "&" : "?";
      const asked = await this.get(kind, `${path}${joint}count=${count}&offset=${found.length}`);
      if (asked.kind === "unavailable") return asked;
      const rows = asked.value[member];
      if (!Array.isArray(rows)) return unavailable(`the answer has no list ${member}`);
      found.push(...listOf(rows).map(recordOf));
      if (rows.length < count) break;
    }
    return { kind: "answer", value: found };
  }
}

export const unavailable = (reason: string): { kind: "unavailable"; reason: string } => ({
  kind: "unavailable",
  reason,
});
