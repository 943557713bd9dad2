import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import { DAY_MS, systemClock, systemRandom, uuidText, uuidV7 } from "../../kernel/index.ts";
import { finding } from "../findings.ts";
import { canariesSince } from "./canaries-since.ts";
import { type NewCanary, insertCanary } from "./insert-canary.ts";
import { markArrived } from "./mark-arrived.ts";
import { noteFindings } from "./note-findings.ts";
import { noteHandOffs } from "./note-hand-offs.ts";
import { refuseCanary } from "./refuse-canary.ts";
import { settleOverdue } from "./settle-overdue.ts";
import { sweepCanaries } from "./sweep-canaries.ts";

const SENT = Date.UTC(2022, 7, 8, 19, 30);
let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
});
after(() => fresh.drop());
beforeEach(() => fresh.database.query("DELETE FROM canaries"));

const newCanary = (but: Partial<NewCanary> = {}): NewCanary => ({
  canaryId: uuidText(uuidV7(systemClock, systemRandom)),
  kind: "mail",
  provider: "harbour",
  receiver: "own",
  own: true,
  tenant: "acme",
  stream: "resets",
  class: "C0",
  burst: false,
  sentAt: SENT,
  deadlineAt: SENT + 30_000,
  tokenHash: systemRandom.bytes(32),
  expected: { author: "a@acme.test", replyTo: null, addresses: [], links: [] },
  ...but,
});
async function sent(but: Partial<NewCanary> = {}): Promise<NewCanary> {
  const made = newCanary(but);
  await insertCanary(fresh.database, made);
  return made;
}
const attempt = (spoolId: string, outcome: string | null, settledAt: number | null = SENT + 200, n = 1) =>
  fresh.database.query(
    `INSERT INTO attempts (spool_id, n, provider, route_reason, node, fence, intent_at, settled_at, outcome, cause)
     VALUES ($1, $5, 'harbour', 'probe', $2, 1, $3, $4, $6, 'said-so')`,
    [
      spoolId,
      uuidText(systemRandom.bytes(16)),
      new Date(SENT),
      settledAt === null ? null : new Date(settledAt),
      n,
      outcome,
    ],
  );
const only = async () => (await canariesSince(fresh.database, 0))[0]!;

describe("a canary's row", () => {
  test("tells each step once to whoever reads on from the last change", async () => {
    const { canaryId, tokenHash } = await sent();
    const first = await only();
    assert.deepEqual([first.canaryId, first.result, first.class, first.sentAt], [canaryId, null, "C0", SENT]);
    assert.deepEqual(await canariesSince(fresh.database, first.changeId), []);
    await attempt(canaryId, "accepted");
    await noteHandOffs(fresh.database, SENT + 1_000);
    const [handedOff] = await canariesSince(fresh.database, first.changeId);
    assert.deepEqual([handedOff?.handedOffAt, handedOff?.legs.handOff], [SENT + 200, 200]);
    await noteHandOffs(fresh.database, SENT + 2_000);
    assert.deepEqual(await canariesSince(fresh.database, handedOff!.changeId), []);
    const arrival = await markArrived(fresh.database, { tokenHash }, SENT + 3_000);
    assert.deepEqual([arrival?.again, arrival?.canary.result], [false, "arrived"]);
    await noteFindings(fresh.database, canaryId, [finding("header-added", "x")], { whole: 3_000 });
    const [arrived, ...others] = await canariesSince(fresh.database, handedOff!.changeId);
    assert.deepEqual([arrived?.result, arrived?.legs, others.length], ["arrived", { handOff: 200, whole: 3_000 }, 0]);
    assert.equal((await markArrived(fresh.database, { tokenHash }, SENT + 4_000))?.again, true);
    assert.equal((await only()).arrivedAt, SENT + 3_000);
  });

  test("changes become visible in the order of their numbers, however many change at once", async () => {
    const all = await Promise.all(Array.from({ length: 30 }, () => sent()));
    const read: number[] = [];
    let cursor = 0;
    let arrived = false;
    const reading = (async () => {
      while (read.length < 60) {
        const rows = await canariesSince(fresh.database, cursor, 7);
        for (const row of rows) read.push(row.changeId);
        cursor = rows.at(-1)?.changeId ?? cursor;
        if (rows.length === 0 && arrived) break;
      }
    })();
    await Promise.all(all.map(({ tokenHash }) => markArrived(fresh.database, { tokenHash }, SENT + 1_000)));
    arrived = true;
    await reading;
    const last = new Set((await canariesSince(fresh.database, 0)).map(({ changeId }) => changeId));
    for (const changeId of last) assert.ok(read.includes(changeId), "a reader missed a change");
  });

  test("is missed at its deadline where it was tried, and late when it comes after all", async () => {
    const { canaryId, tokenHash } = await sent();
    await attempt(canaryId, "accepted");
    assert.deepEqual(await settleOverdue(fresh.database, SENT + 29_999), []);
    const [missed] = await settleOverdue(fresh.database, SENT + 30_000);
    assert.deepEqual([missed?.result, missed?.findings], ["missed", []]);
    assert.equal((await markArrived(fresh.database, { tokenHash }, SENT + 90_000))?.canary.result, "late");
  });

  test("tells nothing of its provider where it never left, or was refused openly", async () => {
    await sent();
    assert.deepEqual((await settleOverdue(fresh.database, SENT + 31_000))[0]?.findings[0]?.code, "never-tried");
    const { canaryId } = await sent();
    await attempt(canaryId, "deferred", SENT + 100, 1);
    await attempt(canaryId, "rejected", SENT + 200, 2);
    const [refused] = await settleOverdue(fresh.database, SENT + 31_000);
    assert.deepEqual(
      [refused?.result, refused?.findings],
      ["refused", [{ code: "refused-by-provider", detail: "said-so" }]],
    );
    const tried = await sent();
    await attempt(tried.canaryId, null, null);
    assert.equal((await settleOverdue(fresh.database, SENT + 31_000))[0]?.result, "missed");
  });

  test("is altered by what changes its content, and by nothing else", async () => {
    const { canaryId, tokenHash } = await sent();
    await markArrived(fresh.database, { tokenHash }, SENT + 1);
    await noteFindings(fresh.database, canaryId, [finding("dmarc-failed", "x")], {});
    assert.equal((await only()).result, "arrived");
    await noteFindings(fresh.database, canaryId, [finding("address-foreign", "ops@evil.test\r\n in the text")], {});
    const { result, findings } = await only();
    assert.deepEqual([result, findings.at(-1)?.detail], ["altered", "ops@evil.test   in the text"]);
  });

  test("of a mailbox is known by its id for that mailbox alone", async () => {
    const { canaryId } = await sent({ receiver: "seed", own: false });
    assert.equal(await markArrived(fresh.database, { canaryId, receiver: "own" }, SENT), null);
    assert.equal((await markArrived(fresh.database, { canaryId, receiver: "seed" }, SENT))?.canary.own, false);
  });

  test("that was refused stays so, and a sign-up without its mail is silent", async () => {
    const { canaryId } = await sent();
    await refuseCanary(fresh.database, canaryId, finding("refused-by-us", "queue-full"));
    assert.deepEqual([(await only()).result, await settleOverdue(fresh.database, SENT + 31_000)], ["refused", []]);
    await sent({ kind: "sign-up", provider: null, stream: "website" });
    const [silent] = await settleOverdue(fresh.database, SENT + 31_000);
    assert.deepEqual([silent?.result, silent?.findings[0]?.code], ["missed", "sign-up-silent"]);
  });

  test("is forgotten after a fortnight, and its message within days", async () => {
    const { canaryId } = await sent();
    await sent({ sentAt: SENT + 10 * DAY_MS });
    await attempt(canaryId, "accepted");
    await sweepCanaries(fresh.database, SENT + 15 * DAY_MS);
    assert.equal((await canariesSince(fresh.database, 0)).length, 1);
  });
});
