import PostalMime from "postal-mime";
import type { MxReceiverSettings, SignUpSettings } from "../../config/index.ts";
import { type Clock, type Log, type Random, causeText, uuidText, uuidV7 } from "../../kernel/index.ts";
import { isTooMuchToRead } from "../../mail/index.ts";
import type { Metrics } from "../../metrics/index.ts";
import type { Queryable } from "../../store/index.ts";
import { type Finding, finding } from "../findings.ts";
import { insertCanary } from "../rows/insert-canary.ts";
import { refuseCanary } from "../rows/refuse-canary.ts";
import type { Canary } from "../rows/row.ts";
import type { Tokens } from "../tokens.ts";
import { hashOf } from "../verify/expected.ts";
import { linksOf } from "../verify/places.ts";
import { type FormCall, formCall, headersOf } from "./form.ts";
import { formIn } from "./page-form.ts";
import { Visit } from "./visit.ts";

export type SignUpParts = {
  signUps: readonly SignUpSettings[];
  receivers: readonly MxReceiverSettings[];
  tokens: Tokens;
  database: Queryable;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
};

/**
 * Signs up at the application as a stranger would, and waits for the confirmation: what found the outage this program was
 * written after, by chance and a day late.
 * 1. The form on its page is filled in, or the hook called, with a new address of ours.  2. The mail that the application makes of it arrives
 * like any canary, and its link is looked at.  3. Where none comes in time: `sign-up-silent`.
 * Operator sees: sign_up_canaries_total, "canary.sign-up-failed".
 */
export class SignUps {
  readonly #parts: SignUpParts;
  readonly #lastAt = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();

  constructor(parts: SignUpParts) {
    this.#parts = parts;
  }

  /** Begins those that are due, and does not wait for them: an application may take its time. */
  tick(now: number): void {
    for (const one of this.#parts.signUps) {
      const last = this.#lastAt.get(one.name);
      if (last !== undefined && now - last < one.everyMs) continue;
      this.#lastAt.set(one.name, now);
      const running: Promise<void> = this.#try(one, now)
        .catch((error: unknown) =>
          this.#parts.log.warn("canary.sign-up-failed", { name: one.name, cause: causeText(error) }),
        )
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #try(one: SignUpSettings, now: number): Promise<void> {
    const { tokens, receivers, database, clock, random, log, metrics } = this.#parts;
    const receiver = receivers[Math.floor(random.fraction() * receivers.length)]!;
    const token = tokens.draw(random);
    const address = `${token.localPart}@${receiver.domain}`;
    const canaryId = uuidText(uuidV7(clock, random));
    await insertCanary(database, {
      canaryId,
      kind: "sign-up",
      provider: null,
      receiver: receiver.name,
      own: true,
      tenant: one.tenant,
      stream: one.name,
      class: "C2",
      burst: false,
      tokenHash: token.hash,
      sentAt: now,
      deadlineAt: now + one.withinMs,
      expected: { author: null, replyTo: null, addresses: [hashOf(address)], links: [] },
    });
    const failure = await this.#send(one, { address, password: random.bytes(18).toString("base64url") });
    if (failure === null) return;
    log.warn("canary.sign-up-failed", { name: one.name, cause: failure });
    metrics.canary("", "sign-up", "refused", null);
    await refuseCanary(database, canaryId, finding("sign-up-failed", failure));
  }

  /** @returns null where the application took it; it may answer with a page or lead on to one */
  async #send(one: SignUpSettings, made: { address: string; password: string }): Promise<string | null> {
    const visit = new Visit(this.#parts.clock);
    const call = one.isPage ? await pageCall(visit, one, made) : formCall(one, made);
    if (typeof call === "string") return call;
    const { url, ...rest } = call;
    // A hook, or a form without its page, has said what it has to say with a redirect.
    const answer = await visit.go(url, rest, one.isPage);
    if (typeof answer === "string") return answer;
    return answer.status < 400 ? null : `The application answered ${answer.status}.`;
  }

  /** What the confirmation of a sign-up leads to. */
  async look({ stream }: Canary, raw: Buffer): Promise<Finding[]> {
    const one = this.#parts.signUps.find(({ name }) => name === stream);
    if (!one || one.linkOrigin === null) return [];
    if (isTooMuchToRead(raw))
      return [finding("unreadable", "The confirmation has more parts or lines than can be read.")];
    const { text = "", html = "" } = await PostalMime.parse(raw, { maxNestingDepth: 20, maxHeadersSize: 256 * 1024 });
    const links = [...linksOf(text, false), ...linksOf(html, true)].filter((link) => URL.canParse(link));
    if (links.length === 0) return [finding("link-missing", "The confirmation holds no link.")];
    const right = links.find((link) => new URL(link).origin === one.linkOrigin);
    const origins = [...new Set(links.map((link) => new URL(link).origin))];
    if (right === undefined) return [finding("link-elsewhere", `Its links lead to ${origins.slice(0, 5).join(", ")}.`)];
    if (!one.follow) return [];
    const answer = await new Visit(this.#parts.clock).go(right, { method: "GET" }, false);
    if (typeof answer !== "string" && answer.status < 400) return [];
    const why = typeof answer === "string" ? answer : `It answered ${answer.status}.`;
    return [finding("sign-up-failed", `Its link does not work. ${why}`)];
  }
}

/** The page is fetched first: what it hides in its form, and the cookies it sets, go along. @returns what went wrong */
async function pageCall(
  visit: Visit,
  one: SignUpSettings,
  made: { address: string; password: string },
): Promise<FormCall | string> {
  const page = await visit.go(one.url, { method: "GET", headers: headersOf(one) });
  if (typeof page === "string") return page;
  if (page.status >= 400) return `The page with the form answered ${page.status}.`;
  const form = formIn(page.text, Object.keys(one.fields));
  if (typeof form === "string") return form;
  const action = new URL(form.action ?? page.url, page.url);
  const { origin } = new URL(page.url);
  if (action.origin !== origin) return `The form goes to another origin, ${action.origin}.`;
  const { method, hidden } = form;
  const call = formCall({ ...one, url: action.href, method, fields: { ...hidden, ...one.fields } }, made);
  return { ...call, headers: { referer: page.url, origin, ...call.headers } };
}
