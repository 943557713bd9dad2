import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { type SendGridWorld, failureOf } from "./asking.ts";
import { messagesIn, soon } from "./message.ts";

type Batch = { batch_id: string; status?: string };

export function sendgridBatches(world: SendGridWorld): Call[] {
  const { ask } = world;
  const { detailsOf, sent } = messagesIn(world);
  const batch = async (): Promise<string> => (await ask<Batch>("POST", "/v3/mail/batch")).body.batch_id;
  const inBatch = async (batchId: string): Promise<string> => sent({ batchId, sendAt: soon(2) });
  const lastEvent = async (id: string): Promise<string> => (await detailsOf(id)).events.at(-1)!.event_name;
  return [
    {
      name: "POST /v3/mail/batch",
      group: "message",
      async run() {
        const { status, body } = await ask<Batch>("POST", "/v3/mail/batch");
        assert.equal(status, 201);
        assert.equal(body.batch_id.length, 32);
      },
    },
    {
      name: "GET /v3/mail/batch/{batch_id}",
      group: "message",
      async run() {
        const id = await batch();
        assert.deepEqual((await ask("GET", `/v3/mail/batch/${id}`)).body, { batch_id: id });
        assert.equal((await failureOf(ask("GET", `/v3/mail/batch/${"x".repeat(32)}`))).code, 400);
        const failure = await failureOf(inBatch("x".repeat(32)));
        assert.equal(failure.response.body.errors[0]!.field, "batch_id");
      },
    },
    {
      name: "POST /v3/user/scheduled_sends",
      group: "message",
      note: "what is cancelled ends at once",
      async run() {
        const id = await batch();
        const message = await inBatch(id);
        const done = await ask("POST", "/v3/user/scheduled_sends", { batch_id: id, status: "cancel" });
        assert.deepEqual([done.status, done.body], [201, { batch_id: id, status: "cancel" }]);
        assert.equal(await lastEvent(message), "dropped");
        assert.equal((await failureOf(inBatch(id))).code, 400);
      },
    },
    {
      name: "GET /v3/user/scheduled_sends",
      group: "message",
      async run() {
        const [paused, cancelled] = [await batch(), await batch()];
        for (const [id, status] of [
          [paused, "pause"],
          [cancelled, "cancel"],
        ] as const) {
          await inBatch(id);
          await ask("POST", "/v3/user/scheduled_sends", { batch_id: id, status });
        }
        const all = (await ask<Batch[]>("GET", "/v3/user/scheduled_sends")).body;
        assert.equal(all.find((one) => one.batch_id === paused)!.status, "pause");
        assert.equal(all.find((one) => one.batch_id === cancelled)!.status, "cancel");
      },
    },
    {
      name: "GET /v3/user/scheduled_sends/{batch_id}",
      group: "message",
      async run() {
        const id = await batch();
        await inBatch(id);
        assert.deepEqual((await ask("GET", `/v3/user/scheduled_sends/${id}`)).body, []);
        await ask("POST", "/v3/user/scheduled_sends", { batch_id: id, status: "pause" });
        assert.deepEqual((await ask("GET", `/v3/user/scheduled_sends/${id}`)).body, [
          { batch_id: id, status: "pause" },
        ]);
      },
    },
    {
      name: "PATCH /v3/user/scheduled_sends/{batch_id}",
      group: "message",
      note: "from pause to cancel; the other way is refused",
      async run() {
        const id = await batch();
        const message = await inBatch(id);
        await ask("POST", "/v3/user/scheduled_sends", { batch_id: id, status: "pause" });
        assert.equal((await ask("PATCH", `/v3/user/scheduled_sends/${id}`, { status: "cancel" })).status, 204);
        assert.equal(await lastEvent(message), "dropped");
        assert.equal((await failureOf(ask("PATCH", `/v3/user/scheduled_sends/${id}`, { status: "pause" }))).code, 400);
      },
    },
    {
      name: "DELETE /v3/user/scheduled_sends/{batch_id}",
      group: "message",
      note: "resumes what was paused",
      async run() {
        const id = await batch();
        await inBatch(id);
        await ask("POST", "/v3/user/scheduled_sends", { batch_id: id, status: "pause" });
        assert.equal((await ask("DELETE", `/v3/user/scheduled_sends/${id}`)).status, 204);
        assert.deepEqual((await ask("GET", `/v3/user/scheduled_sends/${id}`)).body, []);
        await inBatch(id); // takes messages again
      },
    },
  ];
}
