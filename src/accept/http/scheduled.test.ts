import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type TestDoor, problemOf, startTestDoor } from "../../../test/support/http-door.ts";
import { ID } from "../../../test/support/message-story.ts";
import type { RescheduleAnswer } from "../../spool/index.ts";

let door: TestDoor;
before(async () => {
  door = await startTestDoor();
});
after(() => door.stop());
beforeEach(() => {
  door.port.submissions.length = 0;
  door.story.asked.length = 0;
});

const AT = Date.UTC(2026, 2, 1, 9, 30);
const MESSAGE = { from: "noreply@acme.test", to: ["ada@example.com"], subject: "Hello", text: "Hi" };
const RAW = "From: noreply@acme.test\r\n\r\nHello\r\n";
const rfc822 = (sendAt: string, key = sendAt) =>
  door.ask("/v1/messages", {
    method: "POST",
    headers: {
      "content-type": "message/rfc822",
      "x-postern-return-path": "<>",
      "x-postern-recipients": "ada@example.com",
      "x-postern-send-at": sendAt,
      ...(key === "" ? {} : { "idempotency-key": key }),
    },
    body: RAW,
  });

test("sendAt is an instant in every form of a message", async () => {
  await door.post("/v1/messages", { ...MESSAGE, sendAt: "2026-03-01T10:30:00+01:00" });
  const envelope = { returnPath: null, recipients: ["ada@example.com"] };
  await door.post("/v1/messages", {
    raw: Buffer.from(RAW).toString("base64"),
    envelope,
    sendAt: "2026-03-01T09:30:00Z",
  });
  await rfc822("2026-03-01T09:30:00.000Z");
  assert.deepEqual(
    door.port.submissions.map((one) => one.sendAt),
    [AT, AT, AT],
  );
  await door.post("/v1/messages", MESSAGE);
  assert.equal(door.port.submissions.at(-1)!.sendAt, undefined);
});

test("what is no instant is told where it stands, and nothing is taken", async () => {
  for (const sendAt of ["tomorrow", "2026-02-30T09:30:00", "1772357400", ""]) {
    const inFields = await problemOf(await door.post("/v1/messages", { ...MESSAGE, sendAt }), 422);
    assert.deepEqual([inFields.code, inFields.errors?.[0]?.pointer], ["request-invalid", "/sendAt"], sendAt);
    const inHeaders = await problemOf(await rfc822(sendAt), 422);
    assert.equal(inHeaders.errors?.[0]?.header, "x-postern-send-at", sendAt);
  }
  await problemOf(await door.post("/v1/messages", { ...MESSAGE, sendAt: AT }), 422);
  assert.equal(door.port.submissions.length, 0);
});

test("the same octets for another time are another message under one Idempotency-Key", async () => {
  assert.equal((await rfc822("2026-03-01T09:30:00Z", "one")).status, 202);
  assert.equal((await rfc822("2026-03-01T09:30:00Z", "one")).status, 202);
  assert.equal((await rfc822("2026-03-01T09:31:00Z", "one")).status, 422);
});

test("a scheduled message is given another instant, and every answer of the core has its own", async () => {
  const reschedule = (body: unknown, id: string = ID) => door.post(`/v1/messages/${id}/reschedule`, body);
  const sendAt = "2026-03-01T09:30:00Z";
  const done = await reschedule({ sendAt });
  assert.deepEqual([done.status, await done.json()], [200, { id: ID, status: "rescheduled" }]);
  assert.deepEqual(door.story.asked, [{ tenant: "acme", id: ID, sendAt: AT, actor: "api:app" }]);
  for (const [answer, status, code] of [
    ["not-found", 404, "message-not-found"],
    ["in-flight", 409, "message-in-flight"],
    ["ended", 409, "message-ended"],
    ["not-applicable", 409, "message-not-scheduled"],
    ["too-far", 422, "send-at-too-far"],
    ["beyond-secret", 422, "send-at-beyond-secret"],
  ] as [RescheduleAnswer, number, string][]) {
    door.story.reschedule = answer;
    assert.equal((await problemOf(await reschedule({ sendAt }), status)).code, code);
  }
  door.story.reschedule = "done";
  for (const body of [{}, { sendAt: "soon" }, { sendAt, now: true }])
    assert.equal((await problemOf(await reschedule(body), 422)).code, "request-invalid");
  await problemOf(await reschedule({ sendAt }, "no-id"), 404);
});

test("lists are narrowed by author and tag", async () => {
  await door.ask("/v1/messages?author=app%40acme.test&tag=campaign&state=scheduled");
  await door.ask("/v1/messages?tag=campaign%3Dspring%3D26");
  const filters = door.story.asked.map((one) => (one as { filter: unknown }).filter);
  assert.deepEqual(filters, [
    { tenant: "acme", author: "app@acme.test", tag: { name: "campaign" }, state: "scheduled" },
    { tenant: "acme", tag: { name: "campaign", value: "spring=26" } },
  ]);
  for (const query of ["author=nobody", "tag=", "tag=%3Dx", "tag=a%20b"])
    assert.equal((await problemOf(await door.ask(`/v1/messages?${query}`), 422)).code, "request-invalid", query);
});
