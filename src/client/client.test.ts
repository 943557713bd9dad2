import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { API_KEY, type TestDoor, refusal, startTestDoor } from "../../test/support/http-door.ts";
import { ID, STORY } from "../../test/support/message-story.ts";
import { quickClock } from "../../test/support/quick-clock.ts";
import type { StoryJson, SummaryJson } from "../accept/http/stories/story-json.ts";
import type { MessageJson, RawMessageJson } from "../accept/http/submit/message-schema.ts";
import {
  type ClientOptions,
  type Message,
  type MessageStory,
  type MessageSummary,
  PosternError,
  createClient,
} from "./index.ts";

let door: TestDoor;
/** What a client with its defaults waits for an answer. */
const TIMEOUT_MS = 15_000;
const clock = quickClock((delayMs) => delayMs === TIMEOUT_MS || delayMs === 30);
before(async () => {
  door = await startTestDoor();
});
after(() => door.stop());
beforeEach(() => {
  door.port.submissions.length = 0;
  door.port.answers.length = 0;
  clock.waits.length = 0;
});

const MESSAGE: Message = { from: "Acme <noreply@acme.test>", to: ["ada@example.com"], subject: "Hi", text: "Hello" };
const client = (change: Partial<ClientOptions> = {}) =>
  createClient({ url: door.url, apiKey: API_KEY, clock, ...change });
const keyOf = (n: number): string => door.port.submissions[n]!.idempotency!.key;

async function thrown(work: Promise<unknown>): Promise<PosternError> {
  const error: unknown = await work.then(
    () => assert.fail("did not throw"),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof PosternError, String(error));
  return error;
}

/** A fetch that fails `failures` times, before or after Postern got the request. */
function shaky(failures: number, when: "before" | "after"): typeof fetch {
  let left = failures;
  return async (input, init) => {
    const fails = left > 0;
    left -= 1;
    if (fails && when === "before") throw new TypeError("fetch failed");
    const response = await fetch(input, init);
    if (fails) throw new TypeError("terminated");
    return response;
  };
}

describe("send", () => {
  test("gives the id, and every send has a key of its own", async () => {
    const sent = await client().send(MESSAGE);
    assert.equal(sent.status, "accepted");
    assert.deepEqual(sent, { status: "accepted", id: (sent as { id: string }).id, replayed: false });
    await client().send(MESSAGE);
    assert.notEqual(keyOf(0), keyOf(1));
    await client().send(MESSAGE, { idempotencyKey: "order-4711" });
    assert.equal(keyOf(2), "order-4711");
  });

  test("takes octets for attachments and raw messages", async () => {
    const content = new Uint8Array(Buffer.from("xx%PDF").buffer, 0, 0);
    await client().send({
      ...MESSAGE,
      attachments: [
        { contentType: "a/b", content },
        { contentType: "a/b", content: Buffer.from("%PDF") },
      ],
    });
    assert.match(door.port.submissions[0]!.raw.toString(), /\r\n\r\nJVBERg==\r\n/);
    const raw = Buffer.from("From: a@acme.test\r\n\r\nx\r\n");
    await client().send({ raw, envelope: { returnPath: null, recipients: ["ada@example.com"] } });
    assert.deepEqual(door.port.submissions[1]!.raw, raw);
  });

  test("a request whose answer was lost is sent again under its key, and counts once", async () => {
    const sent = await client({ fetch: shaky(1, "after") }).send(MESSAGE);
    assert.deepEqual({ ...sent, id: "" }, { status: "accepted", id: "", replayed: true });
    assert.equal(door.port.submissions.length, 1);
  });

  test("waits longer each time, and as long as Postern asks", async () => {
    door.port.answers.push(refusal("queue-full", 503, 3), refusal("too-many", 429), refusal("queue-full", 503));
    await client({ random: () => 1 }).send(MESSAGE);
    assert.deepEqual(clock.waits, [3_000, 400, 800]);
    assert.equal(door.port.submissions.length, 1);
  });

  test("gives up after its tries, and at once where it would have to wait for minutes", async () => {
    const away = await thrown(client({ fetch: shaky(9, "before") }).send(MESSAGE));
    assert.deepEqual([away.code, away.status, clock.waits.length], ["unreachable", null, 3]);
    door.port.answers.push(refusal("disk-low", 503, 300));
    const busy = await thrown(client().send(MESSAGE));
    assert.deepEqual([busy.code, busy.status, busy.retryAfterMs, clock.waits.length], ["disk-low", 503, 300_000, 3]);
  });

  test("a refusal comes as an error with its code and places, and is not tried again", async () => {
    const error = await thrown(client().send({ ...MESSAGE, subject: "a\nb" }));
    assert.deepEqual(
      [error.code, error.status, error.errors[0]!.pointer, clock.waits.length],
      ["request-invalid", 422, "/subject", 0],
    );
    assert.equal((await thrown(client({ apiKey: "wrong" }).send(MESSAGE))).code, "unauthenticated");
  });

  test("an answer that is not Postern's is never taken for a yes", async () => {
    for (const [status, body, type] of [
      [200, "<h1>Log in</h1>", "text/html"],
      [202, "{}", "application/json"],
      [202, '{"id":', "application/json"],
      [404, "nothing here", "text/plain"],
      [302, "", "text/plain"],
    ] as const) {
      const fake: typeof fetch = async () => new Response(body, { status, headers: { "content-type": type } });
      assert.equal(
        (await thrown(client({ fetch: fake }).send(MESSAGE))).code,
        "unexpected-answer",
        `${status} ${body}`,
      );
    }
  });

  test("an abort ends it with its own reason, also while it waits", async () => {
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    door.port.answers.push(refusal("queue-full", 503, 9));
    const abortsInTheWait: typeof clock.after = (delayMs, task) => {
      if (delayMs === TIMEOUT_MS) return clock.after(delayMs, task);
      queueMicrotask(() => controller.abort(reason));
      return { cancel() {} };
    };
    const sending = client({ clock: { ...clock, after: abortsInTheWait } });
    await assert.rejects(sending.send(MESSAGE, { signal: controller.signal }), reason);
    await assert.rejects(client().send(MESSAGE, { signal: AbortSignal.abort(reason) }), reason);
  });

  test("an answer that does not come in time is none", async () => {
    let release = () => {};
    door.port.hold = new Promise((resolve) => (release = resolve));
    const error = await thrown(client({ timeoutMs: 30, tries: 1 }).send(MESSAGE));
    release();
    door.port.hold = null;
    while (door.port.submissions.length === 0) await new Promise(setImmediate);
    assert.equal(error.code, "unreachable");
    assert.match(error.detail, /within 30 ms/);
  });
});

test("a batch tells of each message", async () => {
  door.port.answers.push(null, refusal("author-not-allowed", 403), refusal("queue-full", 503, 30));
  const results = await client().sendBatch([MESSAGE, MESSAGE, MESSAGE], { idempotencyKey: "b" });
  assert.deepEqual(
    results.map((result) =>
      result.status === "refused" ? [result.error.code, result.error.status, result.error.retryAfterMs] : result.status,
    ),
    ["accepted", ["author-not-allowed", 403, undefined], ["queue-full", 503, 30_000]],
  );
  assert.equal(keyOf(0), "b/0");
  assert.deepEqual(await client().sendBatch([]), []);
});

test("get gives the story, or null", async () => {
  door.story.found = STORY;
  assert.equal((await client().get(ID))!.attempts[0]!.provider, "harbour");
  door.story.found = null;
  assert.equal(await client().get(ID), null);
  assert.equal(await client().get("../batch?x"), null);
});

test("list goes over all pages", async () => {
  door.story.page = { messages: [STORY, STORY], next: ID };
  const seen: string[] = [];
  for await (const message of client().list({ state: "held", acceptedAfter: new Date(0), pageSize: 2 })) {
    seen.push(message.id);
    if (seen.length === 3) door.story.page = { messages: [STORY], next: null };
  }
  assert.equal(seen.length, 5);
  assert.deepEqual(door.story.asked.at(-1), {
    filter: { tenant: "acme", state: "held", acceptedAfter: 0 },
    limit: 2,
    after: ID,
  });
});

test("cancel says why not, and asks no second time where the first may have been done", async () => {
  door.story.cancel = "done";
  await client().cancel(ID);
  door.story.cancel = "ended";
  assert.equal((await thrown(client().cancel(ID))).code, "message-ended");
  door.story.cancel = "done";
  assert.equal((await thrown(client({ fetch: shaky(1, "after") }).cancel(ID))).code, "unreachable");
});

test("a closed client does nothing more", async () => {
  const closing = client();
  await closing.close();
  assert.equal((await thrown(closing.send(MESSAGE))).code, "client-closed");
});

test("the client's types are those of the API", () => {
  const story = (given: StoryJson): MessageStory => given;
  const summary = (given: SummaryJson): MessageSummary => given;
  const back = (given: MessageStory): StoryJson => given;
  const message = (given: Extract<Message, { from: unknown }> & { attachments?: never }): MessageJson => given;
  const raw = (given: Extract<Message, { raw: unknown }> & { raw: string }): RawMessageJson => given;
  assert.ok(
    [story, summary, back, message, raw].every((one) => typeof one === "function"),
    "checked by the compiler",
  );
});
