import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fastify, { type FastifyInstance } from "fastify";
import { eventually } from "../../../test/support/eventually.ts";
import type { ApiKind, ApiProviderSettings } from "../../config/index.ts";
import { Secret, silentLog, systemClock, systemRandom } from "../../kernel/index.ts";
import { labSettings } from "../lab-for-tests.ts";
import type { Lab } from "../lab.ts";
import { startLab } from "../start-lab.ts";
import { HERE } from "./served-lab-for-tests.ts";

const twinSettings = (kind: ApiKind): ApiProviderSettings => ({
  kind,
  name: kind,
  ownerGroup: kind,
  baseUrl: "http://127.0.0.1:0",
  apiKey: new Secret(`key-of-${kind}`),
  accessKeyId: null,
  region: null,
  domain: null,
  channel: null,
  readKey: null,
  webhook: null,
  bounds: { concurrency: 1, ratePerS: null },
  connections: 1,
  connectTimeoutMs: 1_000,
  replyTimeoutMs: 1_000,
});

let lab: Lab;
let server: FastifyInstance;
let mandrill: string;
before(async () => {
  lab = await startLab({
    providers: [twinSettings("mandrill"), labSettings("harbour"), twinSettings("postmark")],
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  server = fastify();
  lab.register(server);
  const [first] = lab.providers;
  mandrill = first && "baseUrl" in first ? first.baseUrl! : "";
});
after(async () => {
  await server.close();
  await lab.stop();
});

const post = async (path: string, payload: object, headers: Record<string, string> = {}) => {
  const answer = await server.inject({ method: "POST", url: `/lab${path}`, headers: { ...HERE, ...headers }, payload });
  return { status: answer.statusCode, body: answer.json() as Record<string, unknown> };
};
const get = async (path: string) => (await server.inject({ url: `/lab${path}`, headers: HERE })).body;
const call = async (method: string, body: object): Promise<unknown> => {
  const answer = await fetch(`${mandrill}/api/1.0/${method}`, {
    method: "POST",
    body: JSON.stringify({ key: "key-of-mandrill", ...body }),
  });
  return answer.json();
};
const send = (subject: string, to = "mara@example.net") =>
  call("messages/send", {
    message: { from_email: "news@lab.test", to: [{ email: to }], subject, text: "Hello" },
  }) as Promise<{ status: string; queued_reason: string | null }[]>;
const arrived = async (subject: string): Promise<number> => {
  const { messages } = JSON.parse(await get("/api/messages")) as { messages: { subject: string }[] };
  return messages.filter((one) => one.subject === subject).length;
};
const rowOf = async (name: string) => {
  const { providers } = JSON.parse(await get("/api/providers")) as { providers: { name: string; counters: object }[] };
  return providers.find((one) => one.name === name);
};

describe("a twin of the lab", () => {
  test("delivers to the inbox, under its name", async () => {
    assert.equal((await send("plain"))[0]?.status, "sent");
    assert.ok(await eventually(async () => (await arrived("plain")) === 1));
    assert.match(await get(""), /pill by p0"\s*>mandrill</);
  });

  test("suspended keeps the mail with a success, and delivers it when it is released", async () => {
    const switched = await post("/providers/mandrill/mode", { mode: "suspended", variant: "sending-suspended" });
    assert.deepEqual(
      [switched.status, switched.body["mode"], switched.body["variant"]],
      [200, "suspended", "sending-suspended"],
    );
    const [claim] = await send("kept");
    assert.deepEqual([claim?.status, claim?.queued_reason], ["queued", "sending-suspended"]);
    assert.match(await get("/providers"), /Release 1 held message/);
    assert.equal(await arrived("kept"), 0);
    assert.deepEqual((await post("/providers/mandrill/release", {})).body, { name: "mandrill", released: 1 });
    assert.ok(await eventually(async () => (await arrived("kept")) === 1));
    assert.deepEqual((await post("/providers/mandrill/release", {})).body["released"], 0);
    assert.doesNotMatch(await get("/providers"), /held message/);
    await post("/providers/mandrill/mode", { mode: "ok" });
  });

  test("sends what a paused subaccount kept once it is resumed", async () => {
    await call("subaccounts/add", { id: "eu" });
    await call("subaccounts/pause", { id: "eu" });
    const message = { from_email: "news@lab.test", to: [{ email: "mara@example.net" }], subject: "paused", text: "x" };
    const [claim] = (await call("messages/send", { message: { ...message, subaccount: "eu" } })) as {
      status: string;
    }[];
    assert.equal(claim?.status, "queued");
    await call("subaccounts/resume", { id: "eu" });
    assert.ok(await eventually(async () => (await arrived("paused")) === 1));
  });

  test("shows its modes, its own words for them and its webhooks on the page; the first one's word is enough", async () => {
    const page = await get("/providers");
    for (const key of ["429", "hold", "suspended/account-suspended", "refusal/rejected unsub", "webhooks/forged"])
      assert.match(page, new RegExp(`data-mode="${key}"`));
    assert.match(page, /href="\/lab\/providers\/postmark\/insider"/);
    assert.match(page, /mandrill<\/strong> carries the mail, harbour one in twenty/);
    assert.equal(
      (await post("/providers/postmark/mode", { mode: "suspended" })).body["variant"],
      "account-may-not-send",
    );
    await post("/providers/postmark/mode", { mode: "webhooks", variant: "silent" });
    const { modes } = JSON.parse(await get("/live")) as { modes: Record<string, string[]> };
    assert.deepEqual(modes, {
      mandrill: ["ok", "webhooks/normal"],
      harbour: ["normal"],
      postmark: ["suspended/account-may-not-send", "webhooks/silent"],
    });
  });

  test("counts what became of its sends", async () => {
    await post("/providers/mandrill/mode", { mode: "429" });
    const earlier = (await rowOf("mandrill"))!.counters as Record<string, number>;
    await send("refused").catch(() => {});
    const counted = (await rowOf("mandrill"))!.counters as Record<string, number>;
    assert.equal(counted["refused"], earlier["refused"]! + 1);
    await post("/providers/mandrill/mode", { mode: "ok" });
  });

  test("refuses what it does not know, by the names there are", async () => {
    const cases = [
      ["/providers/mandrill/mode", { mode: "?" }, 400, "lab-mode-unknown", /ok, slow, suspended, .*webhooks/],
      ["/providers/mandrill/mode", { mode: "suspended", variant: "?" }, 400, "lab-variant-unknown", /PoorReputation/],
      ["/providers/mandrill/mode", { mode: "slow", variant: "?" }, 400, "lab-variant-unknown", /no variants/],
      ["/providers/mandrill/mode", { mode: "webhooks" }, 400, "lab-variant-unknown", /silent, duplicated/],
      ["/providers/harbour/release", {}, 409, "lab-no-account", /mandrill, postmark/],
      ["/providers/nobody/release", {}, 404, "lab-provider-unknown", /mandrill, harbour, postmark/],
      ["/providers/mandrill/insider/steal", {}, 404, "lab-act-unknown", /read-sent, add-sender/],
      ["/providers/mandrill/insider/constructor", {}, 404, "lab-act-unknown", /read-sent/],
      ["/providers/mandrill/insider/add-sender", { email: 7 }, 400, "lab-field-missing", /email/],
    ] as const;
    for (const [path, body, status, code, detail] of cases) {
      const answer = await post(path, body);
      assert.deepEqual([answer.status, answer.body["code"]], [status, code], path);
      assert.match(String(answer.body["detail"]), detail);
    }
  });

  test("a page of another origin can neither release nor act as an insider; a form cannot either", async () => {
    for (const path of ["/providers/mandrill/release", "/providers/mandrill/insider/read-sent"]) {
      const answer = await post(path, {}, { origin: "https://evil.example" });
      assert.deepEqual([answer.status, answer.body["code"]], [403, "lab-cross-origin"]);
    }
    const form = await server.inject({
      method: "POST",
      url: "/lab/providers/mandrill/insider/add-key",
      headers: { ...HERE, "content-type": "text/plain" },
      payload: '{"keyName":"x"}',
    });
    assert.deepEqual([form.statusCode, form.json().code], [415, "lab-json-expected"]);
  });
});

describe("an insider at a vendor", () => {
  const act = async (name: string, fields: object = {}) =>
    (await post(`/providers/mandrill/insider/${name}`, fields)).body;

  test("reads every mail, and has the list of everyone it went to", async () => {
    await send("For <b>Mara</b>", "mara.b@example.net");
    const { messages } = (await act("read-sent")) as { messages: { subject: string; raw: string }[] };
    assert.equal(messages[0]?.subject, "For <b>Mara</b>");
    assert.match(messages[0]!.raw, /Hello/);
    const { recipients } = (await act("export-recipients")) as { recipients: string[] };
    assert.ok(recipients.includes("mara.b@example.net"));
    const page = await get("/providers/mandrill/insider");
    assert.match(page, /For &lt;b&gt;Mara&lt;\/b&gt;/);
    assert.match(page, /export-\d+/);
  });

  test("leaves senders, keys, webhooks and suppressions in the account, where its API shows them", async () => {
    await act("add-sender", { email: "thief@evil.example" });
    await act("add-key", { keyName: "backdoor" });
    await act("add-webhook", { url: "https://evil.example/" });
    await act("suppress", { email: "Mara@Example.net" });
    assert.match(JSON.stringify(await call("senders/list", {})), /thief@evil\.example/);
    assert.match(JSON.stringify(await call("webhooks/list", {})), /https:\/\/evil\.example\//);
    assert.match(JSON.stringify(await call("exports/list", {})), /export-/);
    assert.equal((await send("never"))[0]?.status, "rejected");
    const page = await get("/providers/mandrill/insider");
    for (const left of ["thief@evil.example", "backdoor", "https://evil.example/", "mara@example.net"])
      assert.ok(page.includes(left), left);
  });

  test("sends as the account: it arrives, and bears no id of Postern", async () => {
    await act("send-as", { from: "news@lab.test", to: "bob@example.net", subject: "Invoice", text: "Pay" });
    assert.ok(await eventually(async () => (await arrived("Invoice")) === 1));
    const { messages } = (await act("read-sent")) as { messages: { by: string; metadata: object }[] };
    assert.deepEqual([messages[0]?.by, messages[0]?.metadata], ["insider", {}]);
    assert.match(await get("/providers/mandrill/insider"), /by the insider/);
  });
});

test("pages with twins hold nothing inline, and one of an account that is not there says so", async () => {
  for (const path of ["/providers", "/providers/mandrill/insider"])
    assert.doesNotMatch(await get(path), /\sstyle=|\son\w+=|<style|<script(?! src="\/lab\/assets\/)|javascript:/i);
  const gone = await server.inject({ url: "/lab/providers/harbour/insider", headers: HERE });
  assert.equal(gone.statusCode, 404);
  assert.match(gone.body, /Not here/);
});
