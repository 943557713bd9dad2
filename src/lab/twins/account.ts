import type { PostureKind } from "../../providers/index.ts";
import { AS_IT_IS, type Alteration } from "./alteration.ts";

/** One message as the vendor's account holds it. Everything of it can be read by whoever has the account. */
export type SentMessage = {
  /** The vendor's own id, in the form that vendor gives. */
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  from: string;
  recipients: readonly string[];
  subject: string;
  /** Metadata, custom arguments or tags given along; `postern_attempt` and `postern_id` among them. */
  metadata: Readonly<Record<string, string>>;
  tags: readonly string[];
  /** RFC 5322 text, where the API takes it or the dialect composed it. */
  raw: Buffer | null;
  /** What leaves the vendor, where it rewrites the text it was given. */
  outgoing?: Buffer;
  /** What the API was given, as the dialect keeps it. */
  fields: Readonly<Record<string, unknown>>;
  /** sent: on its way · held: kept, to be released later · dropped: taken and thrown away. */
  state: "sent" | "held" | "dropped";
  /** Who sent it: Postern's key, or someone inside of the account. */
  by: "api" | "insider";
  /** What is known per recipient since: `delivered`, `bounced`… */
  ends: Map<string, TwinEnd>;
};
export type TwinEnd = "delivered" | "bounced" | "complained" | "deferred" | "rejected";

export type NewMessage = Omit<SentMessage, "id" | "at" | "state" | "by" | "ends">;

/** One thing of the account's configuration, in the vendor's own words. */
export type AccountThing = { id: string } & Record<string, unknown>;

/** What an account remembers: older messages are forgotten first, as a vendor's log forgets them after some weeks. */
const MESSAGES_KEPT = 10_000;
const OCTETS_KEPT = 24 * 1024 * 1024;

/** The state of one account at a vendor: what its API, its console and an intruder read and change. */
export class TwinAccount {
  /** Keys that may do everything, and those that may only read. */
  readonly apiKeys = new Set<string>();
  readonly readKeys = new Set<string>();
  readonly sent: SentMessage[] = [];
  #octets = 0;
  /** By kind and id; dialects and the insider fill it, configuration APIs list it. */
  readonly #things = new Map<PostureKind, Map<string, AccountThing>>();
  /** Not null: the account is suspended, in that variant of the vendor. */
  suspension: string | null = null;
  /** What becomes of mail on its way out. */
  alteration: Alteration = AS_IT_IS;
  #count = 0;

  things(kind: PostureKind): Map<string, AccountThing> {
    const known = this.#things.get(kind);
    if (known) return known;
    const made = new Map<string, AccountThing>();
    this.#things.set(kind, made);
    return made;
  }

  put(kind: PostureKind, thing: AccountThing): void {
    this.things(kind).set(thing.id, thing);
  }

  /** Puts a message into the account's log, within its bounds. */
  keep(message: SentMessage): void {
    this.sent.push(message);
    this.#octets += octetsOf(message);
    while (this.sent.length > 1 && (this.sent.length > MESSAGES_KEPT || this.#octets > OCTETS_KEPT)) {
      this.#octets -= octetsOf(this.sent.shift()!);
    }
  }

  /** For ids: 1, 2, 3… */
  nextCount(): number {
    this.#count += 1;
    return this.#count;
  }

  findByAttempt(attemptId: string): SentMessage | undefined {
    return this.sent.find(({ metadata }) => metadata["postern_attempt"] === attemptId);
  }

  find(id: string): SentMessage | undefined {
    return this.sent.find((message) => message.id === id);
  }
}

/** `fields` may hold the text once more, as base64. */
const octetsOf = ({ raw, outgoing }: SentMessage): number => 2 * (raw?.length ?? 0) + (outgoing?.length ?? 0) + 1_000;
