import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { fakeProvider, outcome, startMailPath, submission } from "../../../test/support/mail-path.ts";
import { freshDatabase } from "../../../test/support/postgres.ts";
import { systemClock } from "../../kernel/index.ts";
import { type Answers, answersCheck, checkAnswers } from "./answers.ts";

const NOW = 1_000_000;
const ANSWERS: Answers = { provider: "harbour", tries: 12, taken: 12, takenAt: NOW, refusedAt: null, refusedFor: null };
const told = (change: Partial<Answers>): string => {
  const { state, sentence } = answersCheck({ ...ANSWERS, ...change }, NOW);
  return `${state}: ${sentence}`;
};

test("a provider that refuses the account is named until it takes mail again", () => {
  const refused = { taken: 9, refusedAt: NOW - 35_000, refusedFor: "account-suspended" };
  assert.equal(told({}), "ok: Of 12 hand-offs in the last 15m it took all.");
  assert.equal(
    told({ ...refused, takenAt: NOW - 60_000 }),
    "warning: It refused the account 35s ago (account-suspended); of 12 hand-offs in the last 15m it took 9.",
  );
  assert.equal(told({ ...refused, takenAt: NOW }), "ok: Of 12 hand-offs in the last 15m it took 9.");
});

test("a provider that takes nothing is named, once it was tried often enough to tell", () => {
  assert.equal(told({ taken: 0, takenAt: null }), "warning: Of 12 hand-offs in the last 15m it took none.");
  assert.equal(told({ tries: 2, taken: 0, takenAt: null }).split(":")[0], "ok");
});

test("what became of the last attempts is read from the database, provider by provider", async (t) => {
  const fresh = await freshDatabase();
  t.after(() => fresh.drop());
  assert.deepEqual(await checkAnswers(fresh.database, ["harbour", "lantern"], systemClock.now()), []);
  const providers = [fakeProvider("harbour"), fakeProvider("lantern")];
  providers[0]!.answer = (call) => call.envelope.recipients.map(() => outcome("held", "account", "account-suspended"));
  const mail = await startMailPath(fresh.database, providers);
  t.after(() => mail.stop());
  const answer = await mail.port.accept(submission({ to: ["ada@example.org"] }));
  assert.ok(answer.kind === "accepted");
  await eventually(async () => (await mail.stories.find(null, answer.spoolId))?.state === "ended");
  const checks = await checkAnswers(fresh.database, ["lantern", "harbour"], systemClock.now());
  assert.deepEqual(
    checks.map(({ name, state }) => [name, state]),
    [
      ["answers of lantern", "ok"],
      ["answers of harbour", "warning"],
    ],
  );
  assert.match(checks[1]!.sentence, /^It refused the account .* \(account-suspended\); of 1 hand-off in/);
});
