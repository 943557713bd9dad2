import { MINUTE_MS } from "../kernel/index.ts";
import type { Input } from "../judge/index.ts";
import { type Lane, type Statement, instantArray } from "../store/index.ts";
import { latestCanary } from "./evidence/canaries.ts";
import type { Alert } from "./ports.ts";

/** After a start, or a change of who leads: what was found since is looked at again. */
const LOOK_BACK_MS = 10 * MINUTE_MS;
const ROWS = 500;
/** So many in a row as they were sent end an alert: each class has been there by then. */
const CLEAN = 4;
/** One try may meet a deployment of the application; a second one five minutes later does not. */
const SILENT = 2;
const REMEMBERED = 2_000;

const SIGN_UP_FAULTS: ReadonlySet<string> = new Set([
  "sign-up-silent",
  "sign-up-failed",
  "link-missing",
  "link-elsewhere",
]);

/** What is found of a canary is written with how long it took, or at its deadline: until then nothing is told. */
const ENDED = `result IN ('missed', 'refused', 'altered') OR legs ? 'whole'`;
/** What a finding of a sign-up says holds no address: the application's answer, or where links lead. */
const COLUMNS = `change_id, canary_id, kind, provider, tenant || '/' || stream, own, coalesce(arrived_at, deadline_at), result,
  (SELECT string_agg(DISTINCT f ->> 'code', ' ') FROM jsonb_array_elements(findings) f),
  (SELECT max(f ->> 'detail') FROM jsonb_array_elements(findings) f WHERE f ->> 'code' = ANY('{${[...SIGN_UP_FAULTS].join(",")}}'))`;
const CHANGED: Statement = {
  name: "canary-news",
  text: `SELECT ${COLUMNS} FROM canaries WHERE change_id > $1 AND (${ENDED}) ORDER BY change_id LIMIT ${ROWS}`,
};
/** Index: canaries_by_time. */
const RECENT: Statement = {
  name: "canary-news-recent",
  text: `SELECT ${COLUMNS} FROM canaries WHERE sent_at > ($1::timestamptz[])[1] AND (${ENDED}) ORDER BY change_id LIMIT ${ROWS}`,
};

type Ended = {
  changeId: number;
  canaryId: string;
  kind: "mail" | "sign-up";
  provider: string | null;
  /** "tenant/stream"; of a sign-up "tenant/its name". */
  scope: string;
  own: boolean;
  at: number;
  result: "arrived" | "late" | "missed" | "altered" | "refused";
  codes: readonly string[];
  fault: string | null;
};

/** Nobody but somebody with the account puts these there. */
const BREACHES: ReadonlyMap<string, string> = new Map([
  ["address-foreign", "a canary arrived with a stranger's address in it"],
  ["link-foreign", "a canary arrived with a stranger's link in it"],
]);
/**
 * For people; in the order of what matters. `page`: mail leads people elsewhere, or speaks for somebody else. Of a breach
 * the quarantine is the page: one trouble wakes nobody twice.
 */
const CHANGES: readonly { found: string; words: string; page: boolean }[] = [
  { found: "address-foreign", words: "a stranger's address is in them", page: false },
  { found: "link-foreign", words: "a stranger's link is in them", page: false },
  { found: "link-rewritten", words: "links lead elsewhere", page: true },
  { found: "author-changed", words: "the author is another one", page: true },
  { found: "reply-to-changed", words: "answers go to somebody else", page: true },
  { found: "subject-changed", words: "the subject is another one", page: false },
  { found: "part-added", words: "a part was added", page: false },
  { found: "text-changed", words: "the text is another one", page: false },
  { found: "html-changed", words: "the HTML is another one", page: false },
  { found: "address-in-field", words: "an address nobody knows is in a field", page: false },
];

export type Breach = { provider: string; at: number; input: Input };
export type CanaryNews = { breaches: Breach[]; raise: Alert[]; resolve: string[] };

/**
 * What canaries found besides silence, for people and for the judge.
 * 1. One that arrived with a stranger's address or link in it: somebody else uses the account.  2. Any other change: people
 * are told, until four in a row are as they were sent.  3. A sign-up whose confirmation did not come twice in a row.
 * Mailboxes of others may add what they like, and tell nothing here.
 */
export class CanaryWatcher {
  readonly #execute: Lane["execute"];
  readonly #told = new Set<string>();
  readonly #clean = new Map<string, number>();
  readonly #silent = new Map<string, number>();
  #after: number | null = null;

  constructor(execute: Lane["execute"]) {
    this.#execute = execute;
  }

  async look(now: number): Promise<CanaryNews> {
    const isFirst = this.#after === null;
    this.#after ??= await latestCanary(this.#execute);
    const rows = isFirst
      ? await this.#execute(RECENT, [instantArray([now - LOOK_BACK_MS])])
      : await this.#execute(CHANGED, [this.#after]);
    const news: CanaryNews = { breaches: [], raise: [], resolve: [] };
    for (const row of rows) {
      const one = endedOf(row);
      this.#after = Math.max(this.#after, one.changeId);
      // A row changes again where its hand-off is noted late, or it is altered after it was late.
      const key = `${one.canaryId} ${one.result === "altered"}`;
      if (this.#told.has(key)) continue;
      this.#told.add(key);
      if (one.kind === "sign-up") this.#signUp(one, news);
      else if (one.own && one.provider !== null) this.#mail(one, one.provider, news);
    }
    for (const key of this.#told) {
      if (this.#told.size <= REMEMBERED) break;
      this.#told.delete(key);
    }
    return news;
  }

  #mail({ canaryId, result, codes, scope, at }: Ended, provider: string, news: CanaryNews): void {
    const key = `canary-altered ${provider}`;
    if (result === "missed" || result === "refused") return;
    if (result !== "altered") {
      const clean = (this.#clean.get(provider) ?? 0) + 1;
      this.#clean.set(provider, clean);
      if (clean === CLEAN) news.resolve.push(key);
      return;
    }
    this.#clean.set(provider, 0);
    const breach = codes.find((code) => BREACHES.has(code));
    if (breach !== undefined) {
      const numbers = { cause: BREACHES.get(breach)!, finding: breach, stream: scope, canary: canaryId };
      news.breaches.push({ provider, at, input: { kind: "breach-seen", at, numbers } });
    }
    const changes = CHANGES.filter(({ found }) => codes.includes(found));
    const words = changes.map((one) => one.words).join(", ");
    news.raise.push({
      key,
      severity: changes.some(({ page }) => page) ? "page" : "notice",
      kind: "canary-altered",
      provider,
      scope: "",
      sentence: `Canaries through it arrive altered: ${words}. Customers' mail of ${scope} is likely to be altered alike.`,
      numbers: { findings: codes.join(" "), canary: canaryId },
      at,
    });
  }

  #signUp({ canaryId, scope, provider, result, codes, fault, at }: Ended, news: CanaryNews): void {
    const key = `sign-up ${scope}`;
    const name = scope.slice(scope.indexOf("/") + 1);
    const isWell = result !== "missed" && result !== "refused" && !codes.some((code) => SIGN_UP_FAULTS.has(code));
    if (isWell) {
      this.#silent.set(scope, 0);
      return void news.resolve.push(key);
    }
    const silent = (this.#silent.get(scope) ?? 0) + 1;
    this.#silent.set(scope, silent);
    if (silent !== SILENT) return;
    news.raise.push({
      key,
      severity: "page",
      kind: "sign-up",
      provider,
      scope: "",
      sentence: `The test sign-up ${name} failed ${SILENT} times in a row. ${sentence(fault ?? "It could not be made")} People who sign up now are likely to be stuck.`,
      numbers: { findings: codes.join(" "), canary: canaryId, times: silent },
      at,
    });
  }
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const endedOf = (row: readonly unknown[]): Ended => {
  const [changeId, canaryId, kind, provider, scope, own, at, result, codes, fault] = row;
  const known = { changeId, canaryId, kind, provider, scope, own, at, result, fault };
  return { ...(known as Omit<Ended, "codes">), codes: codes === null ? [] : (codes as string).split(" ") };
};
