import { type KeyObject, createHmac, createSecretKey, hash } from "node:crypto";
import type { MessageClass, OutcomeKind } from "../mail/index.ts";
import { type LeafValue, canonicalJson } from "./canonical.ts";

/**
 * What goes into the ledger: what was accepted, tried and answered, without text, secrets or plain addresses.
 * Addresses are pseudonyms under a key of their tenant; deleting that key takes the link to the person away.
 */
export class LeafMaker {
  readonly #masterKey: KeyObject;
  readonly #tenantKeys = new Map<string, KeyObject>();

  constructor(masterKey: Buffer) {
    this.#masterKey = createSecretKey(masterKey);
  }

  accepted(fact: {
    spoolId: string;
    tenant: string;
    stream: string;
    class: MessageClass;
    bodyMac: Buffer;
    recipients: readonly string[];
    at: number;
  }): Buffer {
    return leaf({
      kind: "accepted",
      id: fact.spoolId,
      tenant: fact.tenant,
      stream: fact.stream,
      class: fact.class,
      mac: fact.bodyMac.toString("base64url"),
      recipients: fact.recipients.map((address) => this.pseudonym(fact.tenant, address)),
      at: fact.at,
    });
  }

  /**
   * Holds a text without telling anything of it: SHA-256(key of the message ‖ SHA-256(text)). A plain hash would tell the
   * six digits of a code in a text that is known otherwise. The key of one message may be shown to prove its text, and
   * tells nothing of the others. Not HMAC: both inputs have fixed lengths, and a key that is no KeyObject costs 10 µs there.
   */
  textMac(spoolId: string, raw: Buffer): Buffer {
    const key = createHmac("sha256", this.#masterKey).update("text\0").update(spoolId).digest();
    return hash("sha256", Buffer.concat([key, hash("sha256", raw, "buffer")]), "buffer");
  }

  /**
   * An Idempotency-Key and the hash of what came with it, as they may be stored: the same pair gives the same, and
   * nobody without the body key can try keys or texts against it.
   */
  idempotency(tenant: string, key: string, bodyHash: Buffer): { key: string; bodyHash: Buffer } {
    const mac = (...parts: (string | Buffer)[]): Buffer => {
      const hmac = createHmac("sha256", this.#masterKey).update("idempotency\0").update(tenant).update("\0");
      for (const part of parts) hmac.update(part);
      return hmac.digest();
    };
    return { key: mac("key\0", key).toString("base64url"), bodyHash: mac("body\0", bodyHash) };
  }

  intent(fact: { spoolId: string; n: number; provider: string; at: number }): Buffer {
    return leaf({ kind: "intent", id: fact.spoolId, n: fact.n, provider: fact.provider, at: fact.at });
  }

  outcome(fact: {
    spoolId: string;
    n: number | null;
    outcome: OutcomeKind | null;
    cause: string;
    next: string;
    at: number;
  }): Buffer {
    return leaf({
      kind: "outcome",
      id: fact.spoolId,
      n: fact.n,
      outcome: fact.outcome,
      cause: fact.cause,
      next: fact.next,
      at: fact.at,
    });
  }

  /** What a provider told of a recipient afterwards. @param fact.notice SHA-256 of the notice's octets, whose proof held. */
  observed(fact: {
    spoolId: string;
    n: number;
    provider: string;
    recipient: number;
    state: string;
    cause: string;
    notice: Buffer;
    at: number;
  }): Buffer {
    return leaf({
      kind: "observed",
      id: fact.spoolId,
      n: fact.n,
      provider: fact.provider,
      recipient: fact.recipient,
      state: fact.state,
      cause: fact.cause,
      notice: fact.notice.toString("base64url"),
      at: fact.at,
    });
  }

  /** A copy that nobody counted on any more arrived after all: its provider let go of what it held. */
  lateCopy(fact: { spoolId: string; n: number; provider: string; notice: Buffer; at: number }): Buffer {
    const { spoolId, n, provider, notice, at } = fact;
    return leaf({ kind: "late-copy", id: spoolId, n, provider, notice: notice.toString("base64url"), at });
  }

  /** How a provider stands from now on, and the figures that made it so; in text, so that every reader writes them alike. */
  standing(fact: {
    change: number;
    provider: string;
    scope: string;
    from: string;
    to: string;
    cause: string;
    numbers: Readonly<Record<string, number | string>>;
    at: number;
  }): Buffer {
    const numbers = Object.fromEntries(Object.entries(fact.numbers).map(([name, value]) => [name, String(value)]));
    return leaf({ kind: "standing", ...fact, numbers });
  }

  /** What a person ordered about a provider. */
  order(fact: { order: number; provider: string; kind: string; operator: string; answer: string; at: number }): Buffer {
    const { kind, ...rest } = fact;
    return leaf({ kind: "standing-order", what: kind, ...rest });
  }

  /** A provider's mail from an instant on is in doubt. */
  redriveOrder(fact: {
    order: number;
    provider: string;
    scope: string;
    sinceAt: number;
    verdictAt: number;
    reason: string;
    lying: boolean;
    operator: string | null;
    at: number;
  }): Buffer {
    const { order, provider, scope, sinceAt, verdictAt, reason, operator, at } = fact;
    const lying = fact.lying ? "yes" : "no";
    return leaf({ kind: "redrive.ordered", order, provider, scope, sinceAt, verdictAt, reason, lying, operator, at });
  }

  /** What an order led to for one message: it went out again, or a new one is asked for. */
  redriven(fact: {
    spoolId: string;
    kind: string;
    order: number;
    provider: string;
    reason: string;
    at: number;
  }): Buffer {
    const { spoolId, kind, ...rest } = fact;
    return leaf({ kind, id: spoolId, ...rest });
  }

  /** How much routine mail a stand-in is given from now on. */
  pace(fact: {
    event: string;
    provider: string;
    insteadOf: string;
    state: string;
    allowancePerHour: number;
    peakPerHour: number;
    deferred: string;
    at: number;
  }): Buffer {
    const { event, ...rest } = fact;
    return leaf({ kind: event, ...rest });
  }

  /** A provider was withdrawn on purpose, or is used again. */
  drill(fact: {
    kind: "drill.started" | "drill.ended";
    drill: number;
    provider: string;
    at: number;
    detail: Readonly<Record<string, LeafValue>>;
  }): Buffer {
    return leaf({ kind: fact.kind, drill: fact.drill, provider: fact.provider, at: fact.at, detail: fact.detail });
  }

  /** What verdicts are made with was fitted to the own history; figures in text, so that every reader writes them alike. */
  calibration(fact: {
    calibration: number;
    operator: string;
    approvedBy: string | null;
    figures: Readonly<Record<string, string>>;
    at: number;
  }): Buffer {
    return leaf({ kind: "calibration.applied", ...fact });
  }

  act(fact: { spoolId: string; kind: string; actor: string; at: number }): Buffer {
    return leaf({ kind: fact.kind, id: fact.spoolId, actor: fact.actor, at: fact.at });
  }

  /** The same address of the same tenant gives the same 22 characters; nobody without the key can try addresses against it. */
  pseudonym(tenant: string, address: string): string {
    return createHmac("sha256", this.#keyOf(tenant))
      .update(address.toLowerCase())
      .digest()
      .subarray(0, 16)
      .toString("base64url");
  }

  #keyOf(tenant: string): KeyObject {
    let key = this.#tenantKeys.get(tenant);
    if (!key) {
      key = createSecretKey(createHmac("sha256", this.#masterKey).update("ledger pseudonym\0").update(tenant).digest());
      this.#tenantKeys.set(tenant, key);
    }
    return key;
  }
}

const leaf = (value: Parameters<typeof canonicalJson>[0]): Buffer => Buffer.from(canonicalJson(value), "utf8");
