import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { type SendGridWorld, failureOf, from, reader, refused } from "./asking.ts";
import { messagesIn } from "./message.ts";

export function sendgridActivity(world: SendGridWorld): Call[] {
  const { ask, received } = world;
  const { activity, detailsOf, sent } = messagesIn(world);
  return [
    {
      name: "GET /v3/messages",
      group: "message",
      note: "queries of msg_id, to_email, from_email, status, last_event_time, categories, unique_args, joined by AND; subjects are not kept",
      async run() {
        const started = new Date(Date.now() - 5_000).toISOString();
        const to = reader("activity");
        const mark = to.replaceAll(/\W/g, "-");
        const id = await sent({ to, categories: [`kind-${mark}`], customArgs: { [mark]: "v" } });
        await received(to);
        await world.told(id, "message.opened");
        await world.told(id, "message.delivered", { response: "250 ok" });
        const one = (await activity(`to_email="${to}"`))[0]!;
        assert.equal(one.from_email, from.email);
        assert.equal(one.to_email, to);
        assert.equal(one.status, "delivered");
        assert.deepEqual([one.opens_count, one.clicks_count], [1, 0]);
        const now = new Date(Date.now() + 5_000).toISOString();
        const window = `last_event_time BETWEEN TIMESTAMP "${started}" AND TIMESTAMP "${now}"`;
        for (const query of [
          `msg_id LIKE "${id}%"`,
          `msg_id="${one.msg_id}"`,
          `from_email="${from.email}" AND status="delivered" AND ${window} AND to_email='${to}'`,
          `(Contains(categories,"kind-${mark}"))`,
          `unique_args['${mark}']="v"`,
        ]) {
          assert.deepEqual(
            (await activity(query)).map((found) => found.msg_id),
            [one.msg_id],
            query,
          );
        }
        assert.deepEqual(await activity(`to_email="${to}" AND status="not_delivered"`), []);
        assert.deepEqual(await activity(`to_email="${to}" AND last_event_time < TIMESTAMP "${started}"`), []);
        const failure = await failureOf(activity(`bad_field="x"`));
        assert.match(failure.response.body.errors[0]!.message, /'bad_field' is not a known field/);
      },
    },
    {
      name: "GET /v3/messages/{msg_id}",
      group: "message",
      async run() {
        const to = reader("details");
        const id = await sent({ to });
        await received(to);
        await world.told(id, "message.bounced", { bounce: "hard", response: "550 5.1.1 no such user" });
        const [entry] = await activity(`to_email="${to}"`);
        const details = await detailsOf(entry!.msg_id);
        assert.deepEqual([details.to_email, details.status], [to, "not_delivered"]);
        const bounce = details.events.at(-1)!;
        assert.deepEqual(
          [bounce.event_name, bounce.bounce_type, bounce.reason],
          ["bounced", "hard", "550 5.1.1 no such user"],
        );
        assert.equal((await failureOf(detailsOf("01957a10-2f40-7abc-8def-0123456789ab"))).code, 404);
      },
    },
    refused("POST /v3/messages/download", "other", () => ask("POST", "/v3/messages/download"), "a report by mail"),
    refused("GET /v3/messages/download/{id}", "other", () => ask("GET", "/v3/messages/download/x")),
    refused(
      "POST /v3/logs",
      "other",
      () => ask("POST", "/v3/logs", { query: "" }),
      "the same as /v3/messages, which works",
    ),
    refused("GET /v3/logs/{sg_message_id}", "other", () => ask("GET", "/v3/logs/x")),
  ];
}
