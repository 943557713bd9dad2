import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { API_KINDS, type ApiKind } from "../../src/config/index.ts";
import type { NoticeMode } from "../../src/lab/twins/index.ts";
import { eventually } from "../support/eventually.ts";
import { allAre, type ObservedPostern, startObservedPostern, type Story } from "../support/observed-postern.ts";

let postern: ObservedPostern;
before(async () => {
  postern = await startObservedPostern();
});
after(() => postern.stop());

const kindsOf = (story: Story): string[] => story.events.map((event) => event.kind);
const count = async (table: string, where: string): Promise<number> =>
  (await postern.place.database.query<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE ${where}`))[0]!.n;
/** The metric's value for a provider and a result. */
async function notices(provider: ApiKind, result: string): Promise<number> {
  const line = (await postern.metrics())
    .split("\n")
    .find((one) => one.startsWith(`postern_notices_total{provider="${provider}",result="${result}"}`));
  return Number(line?.split(" ").at(-1) ?? 0);
}

/** Catches what the twin sends, to be sent by hand: as it is, changed, or late. */
async function caught(kind: ApiKind, send: () => Promise<string>): Promise<{ id: string; request: RequestInit }> {
  const twin = postern.twin(kind);
  const { notice } = twin.dialect;
  let request: RequestInit | undefined;
  const target = postern.target(kind);
  twin.setNotices("silent");
  const id = await send();
  await postern.until(id, allAre("handed-off"));
  const message = await eventually(() => twin.account.sent.find((one) => one.metadata["postern_id"] === id) ?? null);
  const made = notice(
    {
      end: "delivered",
      message,
      recipient: message.recipients[0]!,
      at: Date.now(),
      isForged: false,
      id: `by-hand-${id}`,
    },
    target,
  );
  assert.ok(made);
  request = { method: "POST", ...made };
  twin.setNotices("normal", target);
  return { id, request };
}
const post = async (kind: ApiKind, request: RequestInit): Promise<number> => {
  const response = await fetch(postern.target(kind).url, request);
  await response.arrayBuffer();
  return response.status;
};

for (const kind of API_KINDS) {
  describe(`notices of ${kind}:`, () => {
    const inMode = async (mode: NoticeMode): Promise<string> => {
      postern.twin(kind).setNotices(mode, postern.target(kind));
      return postern.send(kind);
    };

    test("a message is handed off, and delivered once the provider says so", async () => {
      const story = await postern.until(await inMode("normal"), allAre("delivered"));
      const told = story.events.filter((event) => event.kind === "message.delivered");
      assert.equal(told.length, 1);
      assert.equal(told[0]!.detail["provider"], kind);
      assert.equal(told[0]!.detail["attempt"], 1);
      // A notice may be quicker than the settling of the very hand-off it is about.
      await eventually(async () => (await count("queue", `spool_id = '${story.id}'`)) === 0);
    });

    test("the same notice again changes nothing, and is answered as if it did", async () => {
      const seenBefore = await notices(kind, "seen");
      const story = await postern.until(await inMode("duplicated"), allAre("delivered"));
      await eventually(async () => (await notices(kind, "seen")) > seenBefore);
      assert.equal(kindsOf(await postern.story(story.id)).filter((one) => one === "message.delivered").length, 1);
    });

    test("notices in the wrong order come to the same", async () => {
      const ids = [await inMode("reordered"), await postern.send(kind)];
      for (const id of ids) await postern.until(id, allAre("delivered"));
    });

    test("a forged notice is refused and changes nothing", async () => {
      const refusedBefore = await notices(kind, "refused");
      const id = await inMode("forged");
      await eventually(async () => (await notices(kind, "refused")) > refusedBefore);
      const story = await postern.until(id, allAre("handed-off"));
      assert.ok(!kindsOf(story).includes("message.delivered"));
    });

    test("a provider that says nothing leaves its messages handed off", async () => {
      const story = await postern.until(await inMode("silent"), allAre("handed-off"));
      await postern.twin(kind).noticesSent();
      assert.ok(!kindsOf(await postern.story(story.id)).includes("message.delivered"));
    });

    test("a notice whose octets were touched is refused, the untouched one taken", async (context) => {
      const { id, request } = await caught(kind, () => postern.send(kind));
      const body = String(request.body);
      // Postmark signs nothing: all that tells its notices from anybody's is the password.
      if (kind === "postmark") context.diagnostic("no signature over the body");
      else if (kind === "mailgun") {
        // One signature in sixteen begins with a 0 already: the digit must be another one.
        const touched = body.replace(/"signature":"(.)/, (_, one) => `"signature":"${one === "0" ? "1" : "0"}`);
        assert.notEqual(touched, body);
        assert.equal(await post(kind, { ...request, body: touched }), 401);
      } else {
        const at = Math.floor(body.length / 2);
        const flipped = body.slice(0, at) + String.fromCharCode(body.charCodeAt(at) ^ 1) + body.slice(at + 1);
        assert.equal(await post(kind, { ...request, body: flipped }), 401);
      }
      assert.ok(allAre("handed-off")(await postern.story(id)));
      assert.equal(await post(kind, request), 200);
      assert.ok(allAre("delivered")(await postern.story(id)));
      assert.equal(await post(kind, request), 200);
    });
  });
}

test("a bounce after the delivery is the last word, in whatever order they come", async () => {
  const twin = postern.twin("resend");
  const target = postern.target("resend");
  for (const order of [
    ["delivered", "bounced"],
    ["bounced", "delivered"],
  ] as const) {
    twin.setNotices("silent");
    const id = await postern.send("resend");
    await postern.until(id, allAre("handed-off"));
    const message = twin.account.sent.find((one) => one.metadata["postern_id"] === id)!;
    for (const end of order) {
      const notice = {
        end,
        message,
        recipient: "bob@example.net",
        at: Date.now(),
        isForged: false,
        id: `${end}-${id}`,
      };
      assert.equal(await post("resend", { method: "POST", ...twin.dialect.notice(notice, target)! }), 200);
    }
    const story = await postern.story(id);
    assert.equal(story.recipients[0]!.state, "rejected");
    assert.match(story.recipients[0]!.reason ?? "", /^bounced: /);
    assert.deepEqual(
      kindsOf(story)
        .filter((one) => /delivered|bounced/.test(one))
        .toSorted(),
      ["message.bounced", "message.delivered"],
    );
  }
});

test("notices of mail that is not ours are counted and kept as pseudonyms", async () => {
  const twin = postern.twin("sendgrid");
  twin.setNotices("silent");
  const id = await postern.send("sendgrid");
  await postern.until(id, allAre("handed-off"));
  const message = { ...twin.account.sent.at(-1)!, metadata: {}, id: "somebody-elses" };
  const notice = { message, recipient: "victim@example.net", at: Date.now(), isForged: false, id: "foreign-1" };
  const request = twin.dialect.notice({ ...notice, end: "delivered" }, postern.target("sendgrid"))!;
  assert.equal(await post("sendgrid", { method: "POST", ...request }), 200);
  const rows = await postern.place.database.query<Record<string, unknown>>(
    "SELECT provider, type, recipient FROM foreign_notices WHERE provider = 'sendgrid'",
  );
  assert.equal(rows.length, 1);
  assert.match(String(rows[0]!["recipient"]), /^[\w-]{22}$/);
  assert.match(await postern.metrics(), /postern_foreign_events_total\{provider="sendgrid",type="delivered"\} 1/);
});

test("an unknown provider and a wrong signature look the same", async () => {
  const answers = await Promise.all(
    ["nobody", "resend"].map(async (name) => {
      const response = await fetch(`${postern.base}/v1/notices/${name}`, { method: "POST", body: "{}" });
      return [response.status, await response.text(), [...response.headers.keys()].join()];
    }),
  );
  assert.deepEqual(answers[0], answers[1]);
  assert.equal(answers[0]![0], 401);
});

test("who looks whether the address exists finds it, whatever the name", async () => {
  for (const name of ["nobody", "mandrill"]) {
    for (const method of ["HEAD", "GET"]) {
      assert.equal((await fetch(`${postern.base}/v1/notices/${name}`, { method })).status, 200);
    }
  }
});

test("a body above a megabyte is not read", async () => {
  const response = await fetch(`${postern.base}/v1/notices/resend`, { method: "POST", body: "x".repeat(1_100_000) });
  assert.equal(response.status, 413);
});
