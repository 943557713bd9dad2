import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { NO_ALERTS } from "../../src/config/index.ts";
import { eventually } from "../support/eventually.ts";
import { type ObservedPostern, startObservedPostern } from "../support/observed-postern.ts";

let postern: ObservedPostern;
before(async () => {
  postern = await startObservedPostern({
    kinds: ["mandrill", "resend"],
    tenant: {
      streams: [{ name: "mandrill", class: "C2", ttlMs: null }],
      defaultStream: "mandrill",
      routes: {
        default: { prefer: ["mandrill"], standby: ["resend"], standbyShare: 0, weights: null, avoidOwnerGroups: [] },
      },
    },
    alerts: {
      ...NO_ALERTS,
      targets: [
        {
          name: "post",
          kind: "mail",
          url: null,
          key: null,
          region: "us",
          from: "postern@acme.test",
          to: ["duty@ops.example", "chief@ops.example"],
          via: "mandrill", // but where it tells of mandrill
          severities: ["page", "notice"],
        },
      ],
    },
  });
});
after(() => postern.stop());

const mailAt = (kind: "mandrill" | "resend") =>
  postern.twin(kind).account.sent.filter(({ subject }) => /^(PAGE|Notice|Over)/.test(subject));

test("a provider that suspends the account is told of by mail over another one", async () => {
  postern.twin("mandrill").setFault({ mode: "suspended" });
  // On a busy machine the database may be late at the start: a client sends again, as it is told to.
  await eventually(() => postern.send("mandrill").catch(() => null));
  const told = await eventually(() => mailAt("resend")[0] ?? null, 20_000);
  assert.equal(told.subject, "Notice: mandrill: Mail goes by a standby");
  assert.deepEqual([...told.recipients].toSorted(), ["chief@ops.example", "duty@ops.example"]);
  assert.match(JSON.stringify(told.fields), /Affected: acme\/mandrill/);
  assert.deepEqual(mailAt("mandrill"), []);
  const tries = await postern.place.database.query<{ provider: string }>(
    "SELECT DISTINCT provider FROM attempts JOIN messages USING (spool_id) WHERE tenant = '~alerts'",
  );
  assert.deepEqual(tries, [{ provider: "resend" }]);
  await eventually(async () => {
    const [row] = await postern.place.database.query<{ state: string }>("SELECT state FROM alert_deliveries");
    return row!.state === "delivered";
  }, 20_000);
  assert.match(await postern.metrics(), /postern_alert_tellings_total\{kind="mail",result="delivered"\} 1/);
});

test("nobody opens the tenant that tells: its mail is not in the API of another one", async () => {
  const [row] = await postern.place.database.query<{ id: string }>(
    "SELECT spool_id AS id FROM messages WHERE tenant = '~alerts'",
  );
  const story = (await postern.story(row!.id)) as unknown as { code?: string };
  assert.equal(story.code, "message-not-found");
});
