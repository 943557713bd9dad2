import { ImapFlow } from "imapflow";
import type { MailboxReceiverSettings } from "../../config/index.ts";
import {
  type Clock,
  type Log,
  MINUTE_MS,
  type Random,
  SECOND_MS,
  type Timer,
  backoffMs,
  causeText,
  every,
  isUuid,
} from "../../kernel/index.ts";
import { headerValue, readHeader } from "../../mail/index.ts";
import type { Arrivals } from "../arrivals.ts";

const RECONNECT = { firstMs: 2 * SECOND_MS, factor: 2, maxMs: 5 * MINUTE_MS, jitter: 0.2 };
/** Silence after the latest command until the server is asked to tell of new mail by itself (IDLE, RFC 2177). */
const IDLE_AFTER_MS = 200;
/** RFC 2177: a server may close what idles for 30 minutes; some do after ten. */
const IDLE_MOST_MS = 5 * MINUTE_MS;
const LOOK_MS = MINUTE_MS;
const SOURCE_BYTES = 2 * 1024 * 1024;
const AT_ONCE = 50;
const REMEMBERED = 1_000;
const BOUNDS = { headerBytes: 256 * 1024, headerFields: 1_000 };
/** Every mail that passes here carries it, canary or not, and it is a canary's own id. */
const ID_FIELD = "x-postern-id";

export type MailboxParts = {
  settings: MailboxReceiverSettings;
  arrivals: Pick<Arrivals, "take">;
  clock: Clock;
  random: Random;
  log: Log;
};

/**
 * A mailbox at somebody else's server, where canaries for it are looked for.
 * 1. Log in, open it, see what is there.  2. Wait until the server tells of new mail.  3. A canary is read, noted and
 * deleted; mail that is none is left as it is.  4. Once a minute the folder for spam is looked into as well.  5. A connection
 * that breaks is made again, later each time.
 * What is found here tells of that receiver; alone it convicts no provider.
 * Standards: RFC 9051, RFC 2177. Operator sees: "canary.mailbox-open", "canary.mailbox-lost".
 */
export class MailboxReader {
  readonly #parts: MailboxParts;
  /** Folder, its UIDVALIDITY and number: such a name is never given twice (RFC 9051 §2.3.1.1). */
  readonly #seen = new Set<string>();
  #client: ImapFlow | null = null;
  #stopped = false;
  #wake: () => void = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(parts: MailboxParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    this.#client?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { settings, random, log } = this.#parts;
    for (let failures = 0; !this.#stopped;) {
      try {
        await this.#session(() => (failures = 0));
      } catch (error) {
        if (!this.#stopped) log.warn("canary.mailbox-lost", { receiver: settings.name, cause: causeText(error) });
      }
      failures += 1;
      if (!this.#stopped) await this.#pause(backoffMs(RECONNECT, failures, random));
    }
  }

  /** Until the connection ends. */
  async #session(opened: () => void): Promise<void> {
    const { settings, log } = this.#parts;
    const { host, port, tls, username, password } = settings;
    const client = new ImapFlow({
      host,
      port,
      secure: tls === "implicit",
      doSTARTTLS: tls === "starttls",
      auth: { user: username, pass: password.reveal() },
      logger: false,
      disableCompression: true,
      autoIdleDelay: IDLE_AFTER_MS,
      maxIdleTime: IDLE_MOST_MS,
    });
    this.#client = client;
    const ended = new Promise<void>((resolve) => client.once("close", resolve));
    let failure: unknown = null;
    client.on("error", (error: unknown) => (failure = error));
    try {
      await client.connect();
      const spam = await spamFolder(client, settings.mailbox);
      await client.mailboxOpen(settings.mailbox);
      opened();
      log.info("canary.mailbox-open", { receiver: settings.name });
      let turn: Promise<void> = Promise.resolve();
      const next = (work: () => Promise<void>): void => {
        turn = turn.then(work).catch((error: unknown) => ((failure = error), client.close()));
      };
      const look = (): void => next(() => this.#look(client, false));
      client.on("exists", look);
      // There are servers that forget to tell, and of a folder that is not open none tells.
      const lookAround = async (): Promise<void> => {
        if (spam !== null)
          next(async () => {
            await client.mailboxOpen(spam);
            await this.#look(client, true);
            await client.mailboxOpen(settings.mailbox);
          });
        look();
      };
      await lookAround();
      const besides = every(this.#parts.clock, LOOK_MS, lookAround, look);
      await ended;
      await besides.stop();
      await turn;
      if (failure !== null) throw failure;
    } finally {
      client.close();
      this.#client = null;
    }
  }

  async #look(client: ImapFlow, inSpam: boolean): Promise<void> {
    const found = (await client.search({ header: { [ID_FIELD]: true } }, { uid: true })) || [];
    const { path = "", uidValidity = 0n } = client.mailbox || {};
    const nameOf = (uid: number): string => `${path} ${uidValidity} ${uid}`;
    const fresh = found.filter((uid) => !this.#seen.has(nameOf(uid))).slice(-AT_ONCE);
    const done: number[] = [];
    for (const uid of fresh) {
      const message = await client.fetchOne(String(uid), { source: { maxLength: SOURCE_BYTES } }, { uid: true });
      if (this.#seen.size >= REMEMBERED) this.#seen.clear();
      this.#seen.add(nameOf(uid));
      if (message && message.source && (await this.#take(message.source, inSpam))) done.push(uid);
    }
    if (done.length > 0) await client.messageDelete(done.join(","), { uid: true });
  }

  /** @returns whether it was a canary for this mailbox */
  async #take(raw: Buffer, inSpam: boolean): Promise<boolean> {
    const { settings, arrivals, clock } = this.#parts;
    const header = readHeader(raw, BOUNDS);
    const canaryId = "fields" in header ? (headerValue(header, ID_FIELD) ?? "").toLowerCase() : "";
    if (!isUuid(canaryId)) return false;
    const by = { canaryId, receiver: settings.name };
    const facts = { returnPath: null, secure: null, own: false, peer: null, inSpam };
    return (await arrivals.take({ by, raw, at: clock.now(), ...facts })) !== null;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer: Timer = this.#parts.clock.after(ms, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}

/** As its server marks it (\Junk, RFC 6154 §2) or as it is usually called; null: it has none, or it is the one that is read. */
async function spamFolder(client: ImapFlow, mailbox: string): Promise<string | null> {
  const junk = (await client.list()).find(({ specialUse }) => specialUse === "\\Junk");
  return junk === undefined || junk.path === mailbox ? null : junk.path;
}
