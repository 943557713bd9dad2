import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { askActivity } from "../../src/providers/smtp/lookup.ts";
import { type AttemptId, systemClock } from "../../src/kernel/index.ts";
import { someHandoff } from "../contract/provider-contract.ts";
import { fuzzRuns } from "../support/fuzz-runs.ts";
import { type Act, line } from "../support/scripted-smtp-server.ts";
import { smtpPair } from "../support/smtp-settings.ts";

/** Servers that say anything at all: each hand-off ends, once, with one outcome a recipient, and none is believed that was not said. */
const KINDS = new Set(["accepted", "deferred", "held", "rejected", "indeterminate"]);
const said = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "250 2.0.0 Ok",
      "354 Go",
      "250 queued; account suspended",
      "451 4.7.1 later",
      "550 5.7.1 no",
      "421 bye",
      "220 hello",
      "571 x",
      "250-a\r\n250 b",
    ),
  },
  { weight: 2, arbitrary: fc.stringMatching(/^[0-9]{2,4}[ -]?[ -~]{0,30}$/) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40, unit: "binary" }) },
);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: said.map((text) => line(text)) },
  { weight: 1, arbitrary: said.map((text) => line(text, "close")) },
  { weight: 1, arbitrary: fc.constant<Act>("close") },
  { weight: 1, arbitrary: fc.constant<Act>("reset") },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((some): Act => ({ say: Buffer.from(some) })) },
);

test("whatever an SMTP server answers at whatever point, it ends in outcomes, and yes comes only from a yes to the text", async (context) => {
  let acts: Act[] = [];
  let textReply: Act | null = null;
  const next = (): Act => acts.shift() ?? line("250 Ok");
  const { provider } = await smtpPair(
    context,
    {
      mail: next,
      rcpt: next,
      data: () => acts.shift() ?? line("354 Go"),
      text: () => (textReply = next()),
    },
    { replyTimeoutMs: 150, dataEndTimeoutMs: 150, connectTimeoutMs: 1_000 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 5 }), fc.integer({ min: 1, max: 3 }), async (planned, count) => {
      acts = [...planned];
      textReply = null;
      const { recipients } = await provider.handOff(someHandoff(count), new AbortController().signal);
      assert.equal(recipients.length, count);
      for (const one of recipients) {
        assert.ok(KINDS.has(one.kind) && /^[a-z0-9-]+$/.test(one.cause), JSON.stringify(one));
        assert.doesNotMatch(one.diagnostic ?? "", /[\r\n\0]/);
        if (one.kind === "accepted") assert.match(textOf(textReply), /^2\d\d/);
      }
    }),
    { numRuns: fuzzRuns(0.5) },
  );
});

test("whatever an activity log answers, it is one of three words, and only its own yes is yes", async (context) => {
  let answer = { status: 200, body: "" };
  const server = createServer((_request, response) => {
    response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
  }).listen(0, "127.0.0.1");
  context.after(() => server.close().closeAllConnections());
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/activity`;
  const body = fc.oneof(
    fc.json(),
    fc.constantFrom(
      '{"taken":true}',
      '{"taken":false}',
      '{"taken":"true"}',
      '{"taken":1}',
      '{"TAKEN":true}',
      "[true]",
      "true",
      "null",
      "",
      "{",
      '{"__proto__":{"taken":true}}',
      "x".repeat(70_000),
    ),
    fc.string({ unit: "binary" }),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(200, 200, 200, 201, 302, 404, 500), body, async (status, text) => {
      answer = { status, body: text };
      const heard = await askActivity(url, "ab".repeat(16) as AttemptId, systemClock);
      assert.equal(heard === "taken", status === 200 && ownTaken(text) === true);
      assert.equal(heard === "unknown", status === 200 && ownTaken(text) === false);
      assert.ok(["taken", "unknown", "unavailable"].includes(heard));
    }),
    { numRuns: fuzzRuns() },
  );
});

const textOf = (reply: Act | null): string =>
  reply !== null && typeof reply === "object" && "say" in reply ? reply.say.toString() : "";

function ownTaken(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null && Object.hasOwn(value, "taken")
      ? (value as { taken: unknown }).taken
      : undefined;
  } catch {
    return undefined;
  }
}
