import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import type { Lane } from "../store/index.ts";
import { CanaryWatcher } from "./canary-news.ts";

const AT = Date.UTC(2022, 7, 8, 19, 30);
let place: FreshDatabase;
let lane: Lane;
before(async () => {
  place = await freshDatabase();
  lane = place.database.openLane("canary-news");
});
after(() => place.drop());
beforeEach(() => place.database.query("DELETE FROM canaries"));

type Row = { result: string; codes?: string[]; provider?: string | null; kind?: string; own?: boolean; at?: number };
async function canary({ result, codes = [], provider = "mandrill", kind = "mail", own = true, at = AT }: Row) {
  const arrived = result === "missed" || result === "refused" ? null : new Date(at + 2_000);
  await place.database.query(
    `INSERT INTO canaries (canary_id, kind, provider, receiver, own, tenant, stream, class, burst, token_hash, sent_at, deadline_at,
       arrived_at, result, expected, findings, legs, change_id)
     VALUES ($1, $2, $3, 'own', $4, 'acme', 'resets', 0, false, $5, $6, $7, $8, $9, '{}', $10, $11, nextval(pg_get_serial_sequence('canaries', 'change_id')))`,
    [
      randomUUID(),
      kind,
      provider,
      own,
      Buffer.from(randomUUID()),
      new Date(at),
      new Date(at + 30_000),
      arrived,
      result,
      JSON.stringify(codes.map((code) => ({ code, detail: DETAILS[code] ?? "ops@evil.test in the text." }))),
      arrived === null ? {} : { whole: 2_000 },
    ],
  );
}
const DETAILS: Readonly<Record<string, string>> = { "sign-up-silent": "No confirmation came." };
const watcher = () => new CanaryWatcher(lane.execute);
const CLEAN = { breaches: [], raise: [], resolve: [] };

test("a stranger's address or link in a canary is a breach, and people are told without the address", async () => {
  const one = watcher();
  assert.deepEqual(await one.look(AT), CLEAN);
  await canary({ result: "altered", codes: ["text-changed", "address-foreign"] });
  const { breaches, raise } = await one.look(AT + 5_000);
  assert.deepEqual(
    breaches.map(({ provider, input }) => [provider, input.kind, "numbers" in input && input.numbers["cause"]]),
    [["mandrill", "breach-seen", "a canary arrived with a stranger's address in it"]],
  );
  assert.deepEqual([raise.length, raise[0]?.severity, raise[0]?.key], [1, "notice", "canary-altered mandrill"]);
  assert.match(raise[0]!.sentence, /a stranger's address is in them, the text is another one\. .*acme\/resets/);
  assert.ok(!JSON.stringify(raise).includes("evil.test"));
  assert.deepEqual(await one.look(AT + 6_000), CLEAN, "told once");
});

test("rewritten links are a page, a footer is a notice, and neither convicts", async () => {
  const one = watcher();
  await canary({ result: "altered", codes: ["html-changed", "link-rewritten"] });
  await canary({ result: "altered", codes: ["text-changed"], provider: "harbour" });
  const { breaches, raise } = await one.look(AT + 5_000);
  assert.deepEqual(breaches, []);
  assert.deepEqual(
    raise.map(({ key, severity }) => `${severity} ${key}`),
    ["page canary-altered mandrill", "notice canary-altered harbour"],
  );
});

test("four as they were sent end it; a missed one tells nothing of that", async () => {
  const one = watcher();
  await canary({ result: "altered", codes: ["text-changed"] });
  for (const result of ["arrived", "missed", "arrived", "late"]) await canary({ result });
  assert.deepEqual((await one.look(AT + 5_000)).resolve, []);
  await canary({ result: "arrived" });
  assert.deepEqual((await one.look(AT + 6_000)).resolve, ["canary-altered mandrill"]);
});

test("mailboxes of others may add what they like; and what lies long back is no news", async () => {
  await canary({ result: "altered", codes: ["address-foreign"], own: false });
  await canary({ result: "altered", codes: ["address-foreign"], at: AT - 3_600_000 });
  const one = watcher();
  assert.deepEqual(await one.look(AT + 5_000), CLEAN);
  assert.deepEqual(await one.look(AT + 6_000), CLEAN);
});

test("a sign-up that is silent twice in a row is a page; one that is answered ends it", async () => {
  const one = watcher();
  const signUp = (result: string, codes: string[] = []) => canary({ kind: "sign-up", provider: null, result, codes });
  await signUp("missed", ["sign-up-silent"]);
  assert.deepEqual((await one.look(AT)).raise, []);
  await signUp("missed", ["sign-up-silent"]);
  const { raise } = await one.look(AT);
  assert.deepEqual([raise[0]?.kind, raise[0]?.severity, raise[0]?.key], ["sign-up", "page", "sign-up acme/resets"]);
  assert.match(raise[0]!.sentence, /test sign-up resets failed 2 times in a row\. No confirmation came\. People/);
  await signUp("missed", ["sign-up-silent"]);
  assert.deepEqual((await one.look(AT)).raise, [], "told once");
  await signUp("altered", ["address-foreign"]);
  assert.deepEqual((await one.look(AT)).resolve, ["sign-up acme/resets"]);
});
