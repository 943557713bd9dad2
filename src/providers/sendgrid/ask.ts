import type { Secret } from "../../kernel/index.ts";
import type { HttpCaller } from "../http.ts";
import { listOf, recordOf } from "../json-reading.ts";
import { errorsOf } from "./outcomes.ts";

/** told: what it says · refused: this key may not, or this plan has not · silent: nobody can say now. */
export type Told =
  | { kind: "told"; json: unknown }
  | { kind: "refused"; status: 401 | 403 | 404; reason: string }
  | { kind: "silent"; reason: string };

/** With a body it is a POST: the one search that is asked so changes nothing. */
export type Ask = (path: string, body?: object) => Promise<Told>;

export const authorization = (key: Secret): Record<string, string> => ({ authorization: `Bearer ${key.reveal()}` });

/** For everything but hand-offs. The path stands in the reason without its query, which may hold an address. */
export function askWith(http: HttpCaller, key: Secret): Ask {
  return async (path, body) => {
    const place = path.replace(/\?.*$/, "");
    const headers = authorization(key);
    const answer = await http.call(
      body === undefined
        ? { method: "GET", path, headers }
        : {
            method: "POST",
            path,
            headers: { ...headers, "content-type": "application/json" },
            body: JSON.stringify(body),
          },
    );
    if (answer.kind !== "answer") return { kind: "silent", reason: `${place}: ${answer.cause}` };
    const { status, json } = answer;
    if (status === 200 && json !== undefined) return { kind: "told", json };
    const said = errorsOf(json)[0]?.message.slice(0, 100) ?? "";
    const reason = `${place}: ${status}${said === "" ? "" : ` (${said})`}`;
    return status === 401 || status === 403 || status === 404
      ? { kind: "refused", status, reason }
      : { kind: "silent", reason };
  };
}

/** Lists come bare or under a name. Null where the answer is neither: then nobody should believe that the list is empty. */
export function listIn(json: unknown, name: string | null): readonly unknown[] | null {
  const list = name === null ? json : recordOf(json)[name];
  return Array.isArray(list) ? listOf(list) : null;
}
