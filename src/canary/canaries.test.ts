import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { createTransport } from "nodemailer";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { templateRowsInMemory } from "../../test/support/template-rows.ts";
import { type AcceptAnswer, type Submission, refusal } from "../accept/index.ts";
import { silentLog, systemClock, systemRandom } from "../kernel/index.ts";
import { silentMetrics } from "../metrics/index.ts";
import { type TemplateStore, templateStore } from "../templates/index.ts";
import { Canaries } from "./canaries.ts";
import { canarySettings, mxSettings, route, tenantSettings } from "./canary-for-tests.ts";
import { canariesSince } from "./rows/canaries-since.ts";
import type { Canary } from "./rows/row.ts";

describe("canaries as a whole, carried by a provider that is a function", () => {
  let fresh: FreshDatabase;
  let templates: TemplateStore;
  let canaries: Canaries;
  /** What becomes of a message on its way; null: it is lost. */
  let carry: (raw: string) => string | null;
  let answer: AcceptAnswer["kind"];
  const submissions: Submission[] = [];
  const ended: string[] = [];

  before(async () => {
    fresh = await freshDatabase();
    templates = templateStore({ rows: templateRowsInMemory(), clock: systemClock, random: systemRandom });
    await templates.put(
      "acme",
      { name: "reset" },
      {
        dialect: "handlebars",
        labels: ["resets"],
        from: "Acme Accounts <accounts@acme.test>",
        replyTo: "help@acme.test",
        subject: "Reset your password, {{first_name}}",
        text: "Open {{reset_url}} or write to help@acme.test",
        html: '<p>Hello {{name}}, <a href="{{reset_url}}">go on</a>{{unknown}}</p>',
        publish: true,
      },
    );
    await templates.put(
      "acme",
      { name: "draft" },
      { dialect: "handlebars", labels: ["C1"], subject: "No", text: "No", publish: false },
    );
  });
  after(() => fresh.drop());
  beforeEach(async () => {
    await fresh.database.query("DELETE FROM canaries");
    submissions.length = 0;
    ended.length = 0;
    carry = (raw) => raw;
    answer = "accepted";
    canaries = new Canaries({
      settings: canarySettings({ receivers: [mxSettings()] }),
      hostname: "postern.test",
      masterKey: Buffer.alloc(32, 1),
      tenants: [tenantSettings({ routes: { default: route(["harbour"]) } })],
      providers: [{ kind: "smtp", name: "harbour" } as ConstructorParameters<typeof Canaries>[0]["providers"][number]],
      port: { accept: (submission) => accept(submission) },
      templates,
      standing: () => "HEALTHY",
      database: fresh.database,
      askDns: async () => Promise.reject(Object.assign(new Error("none"), { code: "ENOTFOUND" })),
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      metrics: { ...silentMetrics, canary: (provider, kind, result) => ended.push(`${provider} ${kind} ${result}`) },
    });
    await canaries.start();
  });
  afterEach(() => canaries.stop());

  async function accept(submission: Submission): Promise<AcceptAnswer> {
    submissions.push(submission);
    if (answer === "refused") return { kind: "refused", refusal: refusal("queue-full", "452 4.3.1", 503, "Full.") };
    const raw = carry(submission.raw.toString());
    if (raw !== null) {
      const { host, port } = canaries.receivers[0]!.address;
      const to = submission.envelope.recipients.map(({ mailbox }) => mailbox.address);
      await createTransport({ host, port }).sendMail({ envelope: { from: "hello@acme.test", to }, raw });
    }
    return { kind: "accepted", spoolId: submission.spoolId!, replayed: false };
  }
  const rows = (): Promise<Canary[]> => canariesSince(fresh.database, 0);
  const codes = ({ findings }: Canary): string[] =>
    findings.map(({ code }) => code).filter((code) => code !== "dkim-missing");

  test("the first is made of the stream's own template, and looks like it in every respect", async () => {
    await canaries.tick(systemClock.now());
    const [one] = submissions;
    assert.deepEqual([one?.submitter.tenant, one?.stream, one?.door], ["~canary", "harbour/C0", "canary"]);
    assert.equal(one?.envelope.returnPath?.address, "accounts@acme.test");
    const raw = one!.raw.toString();
    assert.match(raw, /^From: "?Acme Accounts"? <accounts@acme\.test>\r\nReply-To: help@acme\.test\r\nTo: /);
    assert.match(raw, /^Subject: Reset your password, \w+\r$/m);
    assert.doesNotMatch(raw, /canary|probe|synthetic/i);
    const [row] = await rows();
    assert.deepEqual([row?.result, row && codes(row)], ["arrived", []]);
    assert.deepEqual([row?.tenant, row?.stream, row?.class, row?.canaryId], ["acme", "resets", "C0", one?.spoolId]);
    assert.deepEqual(ended, ["harbour mail arrived"]);
  });

  test("streams without a template have a plain text of their class, and no two recipients are the same", async () => {
    await canaries.burst("harbour", "acme/notices", { count: 3, withinMs: 10 });
    const all = await rows();
    assert.deepEqual(
      all.map((one) => [one.result, codes(one).join(), one.stream, one.burst]),
      Array.from({ length: 3 }, () => ["arrived", "", "notices", true]),
    );
    assert.equal(new Set(submissions.map(({ envelope }) => envelope.recipients[0]!.mailbox.address)).size, 3);
  });

  test("a word that was added on the way is found, and so is a stranger's address", async () => {
    carry = (raw) => raw.replaceAll("help@acme.test", "help@arxxwalls.test");
    await canaries.burst("harbour", "acme/resets", { count: 1 });
    const [row] = await rows();
    assert.equal(row?.result, "altered");
    assert.deepEqual(codes(row!), ["text-changed", "reply-to-changed", "address-foreign", "address-foreign"]);
    assert.ok(row!.findings.some(({ detail }) => detail === "help@arxxwalls.test in the text."));
    assert.deepEqual(ended, ["harbour mail altered"]);
  });

  test("a burst has its own deadline; what is lost is missed at it", async () => {
    carry = () => null;
    const beganAt = systemClock.now();
    await canaries.burst("harbour", "", { count: 5, withinMs: 20, deadlineMs: 7_000 });
    const all = await rows();
    assert.equal(all.length, 5);
    for (const { deadlineAt, sentAt } of all) assert.ok(deadlineAt - sentAt === 7_000 && sentAt - beganAt < 5_000);
    await fresh.database.query(
      `INSERT INTO attempts (spool_id, n, provider, route_reason, node, fence, intent_at, settled_at, outcome)
       SELECT canary_id, 1, 'harbour', 'probe', canary_id, 1, sent_at, sent_at, 'accepted' FROM canaries`,
    );
    await canaries.tick(systemClock.now() + 8_000);
    const results = (await rows())
      .filter(({ burst }) => burst)
      .map(({ result, handedOffAt }) => `${result} ${handedOffAt !== null}`);
    assert.deepEqual(results, Array(5).fill("missed true"));
  });

  test("what we refuse ourselves says nothing of the provider, and nothing is thrown", async () => {
    answer = "refused";
    await canaries.tick(systemClock.now());
    const [row] = await rows();
    assert.deepEqual([row?.result, row?.findings], ["refused", [{ code: "refused-by-us", detail: "queue-full" }]]);
  });

  test("a second copy is told once", async () => {
    await canaries.tick(systemClock.now());
    const [one] = submissions;
    await accept(one!);
    await accept(one!);
    const [row] = await rows();
    assert.deepEqual(codes(row!), ["arrived-twice"]);
  });
});
