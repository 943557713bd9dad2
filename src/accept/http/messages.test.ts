import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type TestDoor, startTestDoor } from "../../../test/support/http-door.ts";
import { ID, STORY } from "../../../test/support/message-story.ts";
import type { SpoolId } from "../../kernel/index.ts";
import type { ProblemDocument } from "./problem.ts";
import { cursorId, cursorText } from "./stories/cursor.ts";
import type { StoryJson, SummaryJson } from "./stories/story-json.ts";

let door: TestDoor;
before(async () => {
  door = await startTestDoor();
});
after(() => door.stop());
beforeEach(() => {
  door.story.found = null;
  door.story.page = { messages: [], next: null };
  door.story.asked.length = 0;
});

async function problemOf(response: Response, status: number): Promise<ProblemDocument> {
  assert.equal(response.status, status);
  return (await response.json()) as ProblemDocument;
}

describe("a message", () => {
  test("tells its whole story, with instants as text and without its tenant", async () => {
    door.story.found = STORY;
    const response = await door.ask(`/v1/messages/${ID}`);
    assert.equal(response.status, 200);
    const story = (await response.json()) as StoryJson;
    assert.equal(story.id, ID);
    assert.equal(story.acceptedAt, "2026-03-01T09:30:00.000Z");
    assert.equal(story.attempts[0]!.provider, "harbour");
    assert.equal(story.attempts[0]!.settledAt, null);
    assert.deepEqual(story.events, [
      { at: "2026-03-01T09:30:02.000Z", kind: "message.held", detail: { actor: "operator:cli" } },
    ]);
    assert.ok(!("tenant" in story));
    assert.deepEqual(door.story.asked, [{ tenant: "acme", id: ID }]);
  });

  test("of another tenant, unknown, or with no id at all, is not there", async () => {
    for (const id of [ID, "no-id", ID.toUpperCase(), "..%2f..%2fetc"]) {
      assert.equal((await problemOf(await door.ask(`/v1/messages/${id}`), 404)).code, "message-not-found");
    }
    assert.equal(door.story.asked.length, 1, "what is no id is not even looked for");
  });
});

describe("a list", () => {
  const ask = (query: string) => door.ask(`/v1/messages${query}`);

  test("takes every filter and asks within the tenant", async () => {
    const response = await ask(
      "?state=held&stream=alerts&recipient=Ada%40B%C3%9CCHER.example&acceptedAfter=2026-03-01T09:30:00%2B01:00&acceptedBefore=2026-03-02T00:00:00Z&limit=7",
    );
    assert.equal(response.status, 200);
    assert.deepEqual(door.story.asked, [
      {
        filter: {
          tenant: "acme",
          state: "held",
          stream: "alerts",
          recipient: "Ada@xn--bcher-kva.example",
          acceptedAfter: Date.UTC(2026, 2, 1, 8, 30),
          acceptedBefore: Date.UTC(2026, 2, 2),
        },
        limit: 7,
        after: null,
      },
    ]);
  });

  test("goes on where its cursor says, page by page", async () => {
    door.story.page = { messages: [STORY], next: ID };
    const first = (await (await ask("")).json()) as { messages: SummaryJson[]; nextCursor: string };
    assert.deepEqual(
      first.messages.map(({ id }) => id),
      [ID],
    );
    assert.ok(!("attempts" in first.messages[0]!));
    door.story.page = { messages: [], next: null };
    const second = await ask(`?cursor=${first.nextCursor}`);
    assert.deepEqual(await second.json(), { messages: [], nextCursor: null });
    assert.deepEqual(door.story.asked.at(-1), { filter: { tenant: "acme" }, limit: 50, after: ID });
  });

  test("refuses what it does not understand, naming the parameter", async () => {
    const bad: [string, string][] = [
      ["state=lost", "state"],
      ["state=held&state=queued", "state"],
      ["limit=0", "limit"],
      ["limit=201", "limit"],
      ["limit=1e2", "limit"],
      ["cursor=abc", "cursor"],
      [`cursor=${ID}`, "cursor"],
      ["recipient=nobody", "recipient"],
      ["acceptedAfter=yesterday", "acceptedAfter"],
      ["acceptedBefore=2026-13-01T00:00:00Z", "acceptedBefore"],
      ["stream=a%00b", "stream"],
      ["tenant=other", "tenant"],
    ];
    for (const [query, parameter] of bad) {
      const { code, errors } = await problemOf(await ask(`?${query}`), 422);
      assert.deepEqual([code, errors!.map((fault) => fault.parameter)], ["request-invalid", [parameter]], query);
    }
    assert.equal(door.story.asked.length, 0);
  });
});

test("a cursor is the id it was made of, and nothing else is one", () => {
  assert.equal(cursorId(cursorText(ID as SpoolId)), ID);
  const text = cursorText(ID as SpoolId);
  for (const other of ["", `${text}A`, text.slice(1), `${text}=`, ` ${text}`])
    assert.equal(cursorId(other), null, other);
});

test("cancel says what came of it", async () => {
  const cancel = (id: string = ID) => door.ask(`/v1/messages/${id}/cancel`, { method: "POST" });
  door.story.cancel = "done";
  const done = await cancel();
  assert.deepEqual([done.status, await done.json()], [200, { id: ID, status: "cancelled" }]);
  assert.deepEqual(door.story.asked, [{ tenant: "acme", id: ID, actor: "api:app" }]);
  const empty = await door.ask(`/v1/messages/${ID}/cancel`, {
    method: "POST",
    headers: { "content-type": "application/json" },
  });
  assert.equal(empty.status, 200, "an empty body of any kind is none");
  for (const [answer, status, code] of [
    ["not-found", 404, "message-not-found"],
    ["in-flight", 409, "message-in-flight"],
    ["ended", 409, "message-ended"],
    ["not-applicable", 409, "message-not-cancellable"],
  ] as const) {
    door.story.cancel = answer;
    assert.equal((await problemOf(await cancel(), status)).code, code);
  }
  door.story.cancel = "done";
  assert.equal((await cancel("no-id")).status, 404);
});
