import { Agent, request } from "node:http";
import type { Address } from "../../config/index.ts";
import { type Clock, MINUTE_MS, type Random, type Timer } from "../../kernel/index.ts";
import type { MessageClass } from "../../mail/index.ts";
import { exponential } from "./model/latencies.ts";
import { SECRET_MARK } from "./receivers.ts";
import type { StreamPlan } from "./settings.ts";
import type { UnderWay } from "./under-way.ts";

/** One message the application wanted to send. */
export type Submitted = {
  stream: string;
  class: MessageClass;
  /** Of this message alone. */
  recipient: string;
  at: number;
  /** What the door answered: 202, or what the application saw instead; 0: nothing. */
  status: number;
  id: string | null;
  /** Planted in its text; null where it is no secret. */
  secret: string | null;
  /** A new secret in place of that message's. */
  insteadOf: string | null;
};

/** How far back it looks each time it asks which secrets are lost. */
const REISSUES_SEEN_MS = 5 * MINUTE_MS;

/** Of different groups of receivers. */
export const DOMAINS = [
  "gmail.com",
  "outlook.com",
  "yahoo.com",
  "icloud.com",
  "gmx.de",
  "example.net",
  "company.example",
];

export type ApplicationParts = {
  door: Address;
  apiKey: string;
  from: string;
  streams: readonly StreamPlan[];
  clock: Clock;
  random: Random;
  underWay: UnderWay;
};

/** The application whose mail it is: sends over the HTTP door, as often as it is told, and remembers what it was answered. */
export class Application {
  readonly sent: Submitted[] = [];
  readonly #parts: ApplicationParts;
  readonly #agent = new Agent({ keepAlive: true });
  #timer: Timer | null = null;
  #asking: Timer | null = null;
  /** Messages for which a new secret was wanted, and made. */
  readonly #reissued = new Set<string>();
  #perMinute = 0;

  constructor(parts: ApplicationParts) {
    this.#parts = parts;
  }

  /** From now on so many a minute, by chance (Poisson). */
  start(perMinute: number): void {
    this.#perMinute = perMinute;
    this.#timer?.cancel();
    this.#plan();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** From now on it asks so often which secrets are lost, and makes new ones in their place, as every application should. */
  reissueEvery(everyMs: number): void {
    const { clock, underWay } = this.#parts;
    const plan = (): void => {
      this.#asking = clock.after(everyMs, () => {
        void underWay.during("new secrets", () => this.#reissue()).finally(plan);
      });
    };
    plan();
  }

  close(): void {
    this.stop();
    this.#asking?.cancel();
    this.#agent.destroy();
  }

  /** One message, of a stream by chance unless named. Resolves with the door's answer. */
  async send(stream: StreamPlan = this.#anyStream(), insteadOf: string | null = null): Promise<Submitted> {
    const { message, body } = this.#compose(stream, insteadOf);
    const { status, json } = await this.#parts.underWay.during("a request of the application", () =>
      this.#ask("POST", "/v1/messages", JSON.stringify(body)),
    );
    message.status = status;
    message.id = (json as { id?: string } | null)?.id ?? null;
    return message;
  }

  /** Up to a hundred of one stream in one request, as what runs at night sends them. */
  async sendMany(stream: StreamPlan, count: number): Promise<Submitted[]> {
    const all = Array.from({ length: count }, () => this.#compose(stream, null));
    const { status, json } = await this.#parts.underWay.during("a batch of the application", () =>
      this.#ask("POST", "/v1/messages/batch", JSON.stringify({ messages: all.map(({ body }) => body) })),
    );
    const { results = [] } = (json ?? {}) as { results?: { id?: string; problem?: { status: number } }[] };
    return all.map(({ message }, n) => {
      message.id = results[n]?.id ?? null;
      message.status = results[n]?.problem?.status ?? (message.id === null ? status : 202);
      return message;
    });
  }

  #compose(stream: StreamPlan, insteadOf: string | null): { message: Submitted; body: Record<string, unknown> } {
    const { clock, random, from } = this.#parts;
    const n = this.sent.length + 1;
    const domain = DOMAINS[Math.floor(random.fraction() * DOMAINS.length)]!;
    const secret = stream.class === "C0" ? SECRET_MARK + random.bytes(12).toString("hex") : null;
    const message: Submitted = {
      stream: stream.name,
      class: stream.class,
      recipient: `reader${n}@${domain}`,
      at: clock.now(),
      status: 0,
      id: null,
      secret,
      insteadOf,
    };
    this.sent.push(message);
    const body = {
      from,
      to: [message.recipient],
      subject: `${SUBJECTS[stream.class]} ${n}`,
      text: secret === null ? `This is message ${n}.` : `Your link: https://app.lab.test/reset/${secret}`,
      stream: stream.name,
      ...(insteadOf === null ? {} : { supersedes: insteadOf }),
    };
    return { message, body };
  }

  async #reissue(): Promise<void> {
    const { clock, streams } = this.#parts;
    const after = new Date(clock.now() - REISSUES_SEEN_MS).toISOString();
    let cursor = "";
    do {
      const query = `kind=message.reissue-wanted&order=oldest&limit=200&after=${after}${cursor}`;
      const { json } = await this.#ask("GET", `/v1/events?${query}`, "");
      const page = json as { events?: { messageId: string }[]; nextCursor?: string | null } | null;
      for (const { messageId } of page?.events ?? []) {
        const lost = this.sent.find(({ id }) => id === messageId);
        if (!lost || lost.secret === null || this.#reissued.has(messageId)) continue;
        this.#reissued.add(messageId);
        const { status } = await this.send(
          streams.find(({ name }) => name === lost.stream)!,
          messageId,
        );
        if (status !== 202) this.#reissued.delete(messageId);
      }
      cursor = page?.nextCursor ? `&cursor=${page.nextCursor}` : "";
    } while (cursor !== "");
  }

  /** A template of its mail, kept and published here. @returns whether it is */
  async publish(name: string, template: Record<string, unknown>): Promise<boolean> {
    const { underWay } = this.#parts;
    const path = `/v1/templates/${encodeURIComponent(name)}`;
    const { status } = await underWay.during("a template", () => this.#ask("PUT", path, JSON.stringify(template)));
    return status === 200 || status === 201;
  }

  /** Any request of an application's. Never throws: no answer is status 0. */
  #ask(method: string, path: string, body: string): Promise<{ status: number; json: unknown }> {
    const { door, apiKey } = this.#parts;
    return new Promise((resolve) => {
      const asking = request({
        ...door,
        method,
        path,
        agent: this.#agent,
        headers: {
          authorization: `Bearer ${apiKey}`,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        },
      });
      asking.on("error", () => resolve({ status: 0, json: null }));
      asking.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("error", () => resolve({ status: 0, json: null }));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, json: text === "" ? null : JSON.parse(text) }),
        );
      });
      asking.end(body);
    });
  }

  #plan(): void {
    const { clock, random } = this.#parts;
    this.#timer = clock.after(exponential(MINUTE_MS / this.#perMinute, random), () => {
      this.#plan();
      void this.send();
    });
  }

  #anyStream(): StreamPlan {
    const { streams, random } = this.#parts;
    let left = random.fraction() * streams.reduce((sum, { share }) => sum + share, 0);
    return streams.find(({ share }) => (left -= share) < 0) ?? streams.at(-1)!;
  }
}

const SUBJECTS: Readonly<Record<MessageClass, string>> = {
  C0: "Reset your password",
  C1: "Your password was changed",
  C2: "A server is down",
  C3: "Your receipt",
  C4: "Our news",
};
