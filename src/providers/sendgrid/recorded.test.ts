import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerToRecorded,
  disagreements,
  partsAt,
  recordedRequest,
  recordedSecrets,
  type RecordedWebhook,
  recordedWebhooks,
} from "../recorded-webhooks-for-tests.ts";
import { readRecorded, receive } from "./events.ts";
import { isSignedBy, publicKeyOf, SIGNATURE_HEADER, TIMESTAMP_HEADER } from "./signature.ts";

const { skip, all: whole } = recordedWebhooks("sendgrid");
const all = whole.filter(({ channel }) => channel === "tracking");
const NOW = Date.UTC(2026, 10, 23);

/**
 * What we read otherwise than the project that recorded them, and why:
 * - message id: they give a custom argument of their own (`anymail_id`), or the Message-ID; we give the id by which the
 *   provider answered the hand-off, and keep their argument among the metadata.
 * - tags: they give a category that stands alone as text; we give a list always.
 */
function theirWays(recorded: RecordedWebhook): RecordedWebhook {
  const sent: unknown = JSON.parse(recorded.body ?? "null");
  const events = recorded.expect.events.map((event, n) => {
    const { message_id: _, ...rest } = event;
    const entry = (Array.isArray(sent) ? sent[n] : {}) as Record<string, unknown>;
    const own = Object.entries({ anymail_id: entry["anymail_id"], ...event.metadata }).filter(([, one]) => one);
    const inOrder = Object.keys(entry).flatMap((name) => own.filter(([key]) => key === name));
    return {
      ...rest,
      metadata: Object.fromEntries(inOrder),
      ...(event.tags === undefined ? {} : { tags: [event.tags].flat() }),
    };
  });
  return { ...recorded, expect: { ...recorded.expect, events } };
}

/** The recording wrote octets down as Python shows them: `b'MEUC…'`. */
function asOnTheWire(recorded: RecordedWebhook): RecordedWebhook {
  const headers = Object.entries(recorded.headers).map(([name, value]) => [
    name,
    /^b'(.*)'$/.exec(value)?.[1] ?? value,
  ]);
  return { ...recorded, headers: Object.fromEntries(headers) as Record<string, string> };
}

/** Good signatures over a time that is none (`data timestamp`): theirs looks at the signature only, we at its age too. */
const WITHOUT_TIME = ["test_successful_signature_check_without_http_auth"];

test("recorded notices give the events and the refusals that are expected", { skip }, async () => {
  assert.ok(all.length > 0);
  for (const recorded of all.filter(({ name }) => !WITHOUT_TIME.includes(name))) {
    const wire = asOnTheWire(recorded);
    const found = disagreements(theirWays(wire), await answerToRecorded(receive, wire, NOW));
    assert.deepEqual(found, [], recorded.name);
  }
});

test("looked into as recordings, whose age says nothing, all of them agree", { skip }, async () => {
  for (const recorded of all) {
    const answer = await answerToRecorded(readRecorded, recorded, NOW);
    assert.deepEqual(disagreements(theirWays(recorded), answer), [], recorded.name);
  }
});

test("a recorded signature is good, and refused nevertheless where its time is no time", { skip }, async () => {
  const signed = all.filter(({ name }) => WITHOUT_TIME.includes(name)).map(asOnTheWire);
  assert.equal(signed.length, WITHOUT_TIME.length);
  for (const recorded of signed) {
    const { body, headers } = recordedRequest(recorded);
    const key = publicKeyOf(recordedSecrets(recorded)[0]!.key!)!;
    const given = { timestamp: headers[TIMESTAMP_HEADER]!, signature: headers[SIGNATURE_HEADER]! };
    assert.equal(isSignedBy(key, { ...given, body }), true);
    for (let at = 0; at < body.length; at += 1) {
      const flipped = Buffer.from(body);
      flipped[at]! ^= 1;
      assert.equal(isSignedBy(key, { ...given, body: flipped }), false);
    }
    assert.equal((await answerToRecorded(receive, recorded, NOW)).kind, "refused");
  }
});

test("recorded notices with one bit flipped are refused where they are signed", { skip }, async () => {
  const signed = all.filter((one) => recordedSecrets(one)[0]!.key !== null);
  assert.ok(signed.length > 0);
  for (const recorded of signed) {
    const request = recordedRequest(recorded);
    request.body[3]! ^= 1;
    const answer = await receive(request, recordedSecrets(recorded)[0]!, partsAt(NOW));
    assert.equal(answer.kind, "refused", recorded.name);
  }
});
