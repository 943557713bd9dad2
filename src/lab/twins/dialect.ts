import type { ApiKind } from "../../config/index.ts";
import type { Clock } from "../../kernel/index.ts";
import type { NewMessage, SentMessage, TwinAccount, TwinEnd } from "./account.ts";

export type TwinRequest = {
  method: string;
  /** Without its query. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  /** The body as JSON; undefined where it is none. */
  json: unknown;
};

/** `body`: an object is sent as JSON, text and octets as they are. */
export type TwinReply = { status: number; headers?: Readonly<Record<string, string>>; body: unknown };

/** What a dialect's handler works with. */
export type Desk = {
  account: TwinAccount;
  clock: Clock;
  /**
   * Records the message under the id the vendor would give, and delivers it as the fault in force says. `state` only
   * where the dialect knows better, such as a suspended account that still queues.
   */
  take(message: NewMessage, id: string, state?: SentMessage["state"]): SentMessage;
  /** Lets go what was held and is meant; resolves with how many once they are delivered. */
  release(isMeant?: (message: SentMessage) => boolean): Promise<number>;
};

/** What a fault asks the dialect to say in its own words. */
export type Said =
  | { mode: "429" }
  | { mode: "5xx"; status: number }
  | { mode: "suspended"; variant: string }
  | { mode: "refusal"; name: string };

export type Notice = {
  end: TwinEnd;
  message: SentMessage;
  recipient: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** Its signature or password must be wrong. */
  isForged: boolean;
  /** Unique per notice; the same one again for a duplicate. */
  id: string;
};
/** Where notices go, and what the vendor signs them with. */
export type NoticeTarget = { url: string; secret: string };

/** One vendor's wire: its paths, keys, bodies, errors. Faults, state and delivery are twin.ts's. */
export type Dialect = {
  vendor: ApiKind;
  /** The vendor's known ways of saying "this account may not send", first the one it is best known for. */
  suspensions: readonly string[];
  /** Other answers that can be asked for by name. */
  refusals: readonly string[];
  /** Puts what a new account holds: the key it knows us by, the verified sender `domain`, its settings. */
  seed(account: TwinAccount, given: { apiKey: string; readKey: string; domain: string }): void;
  isSend(request: TwinRequest): boolean;
  /** Answers every request, sends included; unknown paths with the vendor's 404, wrong keys with its refusal. */
  answer(request: TwinRequest, desk: Desk): TwinReply | Promise<TwinReply>;
  /** Answers a send in the words of a fault. The key is checked first, as by `answer`; a variant may take the message. */
  say(said: Said, request: TwinRequest, desk: Desk): TwinReply | Promise<TwinReply>;
  /** The answer of a send with one value in it that no document knows. */
  unknownValue(reply: TwinReply): TwinReply;
  /** The request that tells of an end, or null where this vendor tells nothing of it. */
  notice(notice: Notice, target: NoticeTarget): { headers: Record<string, string>; body: string } | null;
};
