import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import type { Lane } from "../../store/index.ts";
import { TestRows } from "../rows-for-tests.ts";
import type { Seen } from "./open-messages.ts";
import { EvidenceReader } from "./reader.ts";
import { Signs } from "./signs.ts";

const START = Date.UTC(2026, 2, 1, 9);
const S = 1_000;

let place: FreshDatabase;
let lane: Lane;
let rows: TestRows;
before(async () => {
  place = await freshDatabase();
  lane = place.database.openLane("test");
  rows = new TestRows(place.database);
});
after(async () => {
  await lane.close();
  await place.drop();
});
beforeEach(async () => {
  await place.database.query("TRUNCATE messages, recipients, attempts, message_events, provider_signs, canaries");
});

async function reader({ tells = ["harbour"], backwards = true, now = START } = {}): Promise<EvidenceReader> {
  for (const one of tells) await rows.tells(one, now - S);
  const signs = new Signs();
  await signs.load(lane.execute, ["harbour", "lantern"], now);
  return new EvidenceReader({
    execute: lane.execute,
    signs,
    providers: new Set(["harbour", "lantern"]),
    backwards,
  });
}

const short = (seen: readonly Seen[]): string[] =>
  seen.map(({ provider, evidence }) =>
    [
      provider,
      evidence.kind,
      `+${(evidence.at - START) / S}`,
      ...("group" in evidence ? [evidence.group] : []),
      ...("by" in evidence ? [evidence.by] : []),
      ...("cause" in evidence ? [evidence.cause] : []),
      ...("ofMissingCanary" in evidence && evidence.ofMissingCanary ? ["of a missing canary"] : []),
    ].join(" "),
  );

describe("evidence of customers' mail", () => {
  test("each group of receivers counts once, and what is read again is told once", async () => {
    const one = await reader();
    await one.look(START);
    const to = ["a@gmail.com", "b@googlemail.com", "c@outlook.com"];
    const id = await rows.handOff({ at: START + 500, to });
    const seen = await one.look(START + S);
    assert.deepEqual(short(seen), ["harbour handed-off +0.5 gmail", "harbour handed-off +0.5 microsoft"]);
    assert.equal((seen[0]!.evidence as { stream: string }).stream, "acme/alerts");
    assert.deepEqual(short(await one.look(START + 2 * S)), []);
    await rows.told({ id, at: START + 1_200, recipients: [0] });
    await rows.told({ id, at: START + 1_300, recipients: [1] });
    const told = await one.look(START + 3 * S);
    assert.deepEqual(short(told), ["harbour confirmed +3 gmail event", "harbour webhook-seen +3"]);
    const confirmed = told.map(({ evidence }) => evidence).find((evidence) => evidence.kind === "confirmed");
    assert.ok(confirmed?.kind === "confirmed");
    assert.equal(confirmed.handedOffAt, START + 500);
    assert.deepEqual(short(await one.look(START + 4 * S)), []);
  });

  test("a notice that is there before its hand-off is settled still confirms it", async () => {
    const one = await reader();
    await one.look(START);
    const id = "01957a10-2f40-7abc-8def-0123456789ab";
    await rows.told({ id, at: START + 100 });
    assert.deepEqual(short(await one.look(START + S)), ["harbour webhook-seen +1"]);
    await rows.handOff({ id, at: START + 900 });
    assert.deepEqual(short(await one.look(START + 2 * S)), [
      "harbour handed-off +0.9 gmail",
      "harbour confirmed +1 gmail event",
    ]);
  });

  test("a bounce is an answer too, a delay is none, and what the log says is told as such", async () => {
    const one = await reader();
    await one.look(START);
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.push(await rows.handOff({ at: START + 100 }));
    await one.look(START + S);
    await rows.told({ id: ids[0]!, at: START, kind: "message.delayed" });
    await rows.told({ id: ids[1]!, at: START, kind: "message.bounced" });
    await rows.told({ id: ids[2]!, at: START, detail: { source: "log" } });
    assert.deepEqual(short(await one.look(START + 2 * S)), [
      "harbour confirmed +2 gmail event",
      "harbour confirmed +2 gmail log",
      "harbour webhook-seen +2",
    ]);
  });

  test("mail through a provider that never tells anything is not missed", async () => {
    const one = await reader({ tells: [] });
    await one.look(START);
    await rows.handOff({ at: START + 100 });
    assert.deepEqual(short(await one.look(START + S)), []);
    const id = await rows.handOff({ at: START + 1_100 });
    await rows.told({ id, at: START + 1_200 });
    assert.deepEqual(short(await one.look(START + 2 * S)), ["harbour webhook-seen +2"]);
    await rows.handOff({ at: START + 2_100 });
    assert.deepEqual(short(await one.look(START + 3 * S)), ["harbour handed-off +2.1 gmail"]);
  });

  test("refusals of the account are told, at most two a look; limits of the provider are not", async () => {
    const one = await reader();
    await one.look(START);
    for (let n = 0; n < 3; n += 1)
      await rows.handOff({ at: START + 100, outcome: "held", scope: "account", cause: "account-suspended" });
    await rows.handOff({ at: START + 100, outcome: "rejected", scope: "account", cause: "message-too-large" });
    await rows.handOff({ at: START + 100, outcome: "rejected", scope: "recipient", cause: "mailbox-unavailable" });
    assert.deepEqual(short(await one.look(START + S)), [
      "harbour refused-for-account +0.1 account-suspended",
      "harbour refused-for-account +0.1 account-suspended",
    ]);
    assert.equal(one.refusedFor("harbour"), "account-suspended");
  });

  test("a provider that could not even be called is told as such", async () => {
    const one = await reader();
    await one.look(START);
    await rows.handOff({ at: START + 100, outcome: "deferred", scope: "account", cause: "connection-refused" });
    await rows.handOff({ at: START + 100, outcome: "deferred", scope: "account", cause: "rate-limited" });
    await rows.handOff({ at: START + 100, outcome: "deferred", scope: "recipient", cause: "connect-timeout" });
    assert.deepEqual(short(await one.look(START + S)), ["harbour unreachable +0.1"]);
  });

  test("of a node whose clock is behind, hand-offs are as old as the look that did not show them yet", async () => {
    const one = await reader();
    await one.look(START);
    for (let n = 1; n < 10; n += 1) await one.look(START + n * S);
    await rows.handOff({ at: START + 10 * S - 30 * S });
    assert.deepEqual(short(await one.look(START + 10 * S)), ["harbour handed-off +4 gmail"]);
  });

  test("after a restart what is open is seen again, unless nobody looked meanwhile", async () => {
    await rows.handOff({ at: START - 60 * S });
    const id = await rows.handOff({ at: START - 50 * S });
    await rows.told({ id, at: START - 45 * S });
    assert.deepEqual(short(await (await reader()).look(START)), [
      "harbour handed-off +-60 gmail",
      "harbour handed-off +-50 gmail",
      "harbour confirmed +-45 gmail event",
      "harbour webhook-seen +-45",
    ]);
    await place.database.query("TRUNCATE provider_signs");
    const late = await reader({ backwards: false });
    assert.deepEqual(
      short(await late.look(START)).filter((line) => /handed-off/.test(line)),
      [],
    );
  });

  test("above its rate it takes a share, and of the same messages hand-off and confirmation", async () => {
    const one = await reader();
    await one.look(START);
    await many(200, START + 500);
    const first = await one.look(START + S);
    assert.equal(first.length, 200);
    await many(200, START + 1_500);
    const second = (await one.look(START + 2 * S)).filter(({ evidence }) => evidence.kind === "handed-off").length;
    assert.ok(second > 10 && second < 120, `${second}`);
    const all = await place.database.query<{ id: string }>("SELECT spool_id AS id FROM messages");
    for (const { id } of all) await rows.told({ id, at: START + 2_500 });
    const confirmed = (await one.look(START + 3 * S)).filter(({ evidence }) => evidence.kind === "confirmed").length;
    assert.equal(confirmed, 200 + second);
  });
});

async function many(count: number, at: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await rows.handOff({ at });
}

describe("evidence of canaries", () => {
  const ID = "01957a10-2f40-7abc-8def-0123456789ab";
  async function canary(row: Record<string, unknown>): Promise<void> {
    await place.database.query("DELETE FROM canaries");
    const all = {
      canary_id: ID,
      kind: "mail",
      provider: "harbour",
      receiver: "mx-1",
      own: true,
      tenant: "acme",
      stream: "alerts",
      class: 2,
      burst: false,
      token_hash: Buffer.from("00", "hex"),
      sent_at: new Date(START),
      handed_off_at: null,
      deadline_at: new Date(START + 30 * S),
      arrived_at: null,
      result: null,
      expected: {},
      findings: [],
      legs: {},
      ...row,
    };
    const names = Object.keys(all);
    const values = Object.values(all).map((one) => (Array.isArray(one) ? JSON.stringify(one) : one));
    await place.database.query(
      `INSERT INTO canaries (${names.join(", ")}) VALUES (${names.map((_, n) => `$${n + 1}`).join(", ")})`,
      values,
    );
  }

  test("each step is told once", async () => {
    const one = await reader();
    await one.look(START);
    await canary({});
    assert.deepEqual(short(await one.look(START + S)), []);
    await canary({ handed_off_at: new Date(START + 500) });
    assert.deepEqual(short(await one.look(START + 2 * S)), ["harbour canary-sent +0.5"]);
    await canary({ handed_off_at: new Date(START + 500), arrived_at: new Date(START + 2_500), result: "arrived" });
    assert.deepEqual(short(await one.look(START + 3 * S)), ["harbour canary-arrived +2.5"]);
    assert.deepEqual(short(await one.look(START + 4 * S)), []);
  });

  for (const order of ["the notice first", "the miss first"] as const)
    test(`a missing one that its provider calls delivered is a contradiction: ${order}`, async () => {
      const one = await reader();
      await one.look(START);
      const handed_off_at = new Date(START + 500);
      await canary({ handed_off_at });
      await one.look(START + S);
      const tell = () => rows.told({ id: ID, at: START + S, tenant: "~canary" });
      const miss = () => canary({ handed_off_at, result: "missed" });
      await (order === "the notice first" ? tell() : miss());
      const first = short(await one.look(START + 31 * S));
      await (order === "the notice first" ? miss() : tell());
      const both = [...first, ...short(await one.look(START + 32 * S))];
      assert.ok(both.includes("harbour canary-missed +30"), both.join());
      assert.equal(both.filter((line) => /of a missing canary/.test(line)).length, 1);
      assert.equal(one.canaries.missingOf("harbour"), ID);
    });

  test("one that its provider refused is not missed", async () => {
    const one = await reader();
    await one.look(START);
    await canary({ result: "refused" });
    assert.deepEqual(short(await one.look(START + S)), []);
  });
});
