import type { AlertTargetSettings } from "../../config/index.ts";
import type { DueTelling } from "../alert.ts";
import type { Wording } from "../wording.ts";

/** One call that tells one target. */
export type Call = { url: string; headers: Record<string, string>; body: Buffer };
export type Facts = Pick<DueTelling, "alert" | "telling" | "acknowledgedBy"> & {
  /** The same for all tellings and every try: what receivers know the trouble again by. */
  id: string;
  /** The same for every try of one telling, and no other. */
  tellingId: string;
  /** Who tells: this installation's name. */
  source: string;
  wording: Wording;
  now: number;
};
export type Dialect = (facts: Facts, target: AlertTargetSettings) => Call;

export const json = (url: string, value: unknown, headers: Record<string, string> = {}): Call => ({
  url,
  headers: { "content-type": "application/json", ...headers },
  body: Buffer.from(JSON.stringify(value)),
});

/** At most `most` UTF-16 units, never half a character. */
export const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
