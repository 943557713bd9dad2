import { type Clock, delay } from "../../kernel/index.ts";
import type { Asked } from "../account.ts";
import type { HttpAnswer, HttpCaller } from "../http.ts";
import { type JsonRecord, listOf, recordOf, textOf } from "../json-reading.ts";
import { errorOf } from "./errors.ts";
import { encoded, signed, type SigV4Key } from "./sigv4.ts";

export type SesPlace = { region: string; baseUrl: string };
export type SesCall = { method: "GET" | "POST"; path: string; body?: Buffer };

/** Everything but sending may be asked about once a second ("Service quotas in Amazon SES", seen 2026-11-25). */
const PACE_MS = 1_000;
const TRIES = 5;
/** Lists are read to this many pages; a longer one is not compared piece by piece. */
export const PAGES = 50;

/** SES's API with one key. */
export class SesApi {
  readonly #caller: HttpCaller;
  readonly #place: SesPlace;
  readonly #key: SigV4Key;
  readonly #clock: Clock;

  constructor(caller: HttpCaller, place: SesPlace, key: SigV4Key, clock: Clock) {
    this.#caller = caller;
    this.#place = place;
    this.#key = key;
    this.#clock = clock;
  }

  call({ method, path, body }: SesCall, more: { signal?: AbortSignal; isOurs?(): boolean } = {}): Promise<HttpAnswer> {
    const base = new URL(this.#place.baseUrl);
    const headers = signed(
      {
        method,
        // What is signed is the path on the wire, with what the base address has before ours.
        path: base.pathname.replace(/\/$/, "") + path,
        headers: { host: base.host, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        body: body ?? Buffer.alloc(0),
      },
      this.#key,
      { region: this.#place.region, service: "ses" },
      this.#clock.now(),
    );
    return this.#caller.call({ method, path, headers, ...(body === undefined ? {} : { body }), ...more });
  }

  /** A question about the account. Where it is asked too fast, it waits and asks again. */
  async ask(call: SesCall): Promise<Asked<JsonRecord>> {
    for (let n = 1; ; n += 1) {
      const answer = await this.call(call);
      if (answer.kind !== "answer") return { kind: "unavailable", reason: answer.cause };
      if (answer.status === 200 && answer.json !== undefined) return { kind: "answer", value: recordOf(answer.json) };
      const { type } = errorOf(answer.headers, answer.json);
      const isTooFast = answer.status === 429 || /^(?:TooManyRequests|Throttling)/.test(type);
      if (!isTooFast || n === TRIES) {
        return { kind: "unavailable", reason: `status ${answer.status}${type === "" ? "" : ` ${type}`}` };
      }
      await delay(this.#clock, PACE_MS);
    }
  }

  /** All of a list. Newer lists are asked for by POST, with the token in the body; others by GET. Null: it is too long. */
  async list(call: SesCall, member: string, pageSize: number): Promise<Asked<readonly unknown[] | null>> {
    const found: unknown[] = [];
    let token: string | null = null;
    for (let n = 0; n < PAGES; n += 1) {
      const page = await this.ask(pageOf(call, pageSize, token));
      if (page.kind === "unavailable") return { kind: "unavailable", reason: `${call.path}: ${page.reason}` };
      found.push(...listOf(page.value[member]));
      token = textOf(page.value["NextToken"]);
      if (token === null) return { kind: "answer", value: found };
    }
    return { kind: "answer", value: null };
  }
}

export function pageOf({ method, path }: SesCall, pageSize: number, token: string | null): SesCall {
  if (method === "POST") {
    return {
      method,
      path,
      body: Buffer.from(JSON.stringify({ PageSize: pageSize, ...(token === null ? {} : { NextToken: token }) })),
    };
  }
  const next = token === null ? "" : `NextToken=${encoded(token)}&`;
  return { method, path: `${path}?${next}PageSize=${pageSize}` };
}
