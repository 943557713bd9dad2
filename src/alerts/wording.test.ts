import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { affectedStreams } from "./affected.ts";
import type { Alert } from "./alert.ts";
import { wordsOf } from "./kinds.ts";
import { silentTarget } from "./silent-target.ts";
import { targetForTests } from "./target-for-tests.ts";
import { linesOf, titleOf, wordingOf } from "./wording.ts";

const AT = Date.UTC(2022, 7, 8, 19, 30);
const STANDBY: Alert = {
  key: "standby-in-use mandrill acme/resets",
  severity: "notice",
  kind: "standby-in-use",
  provider: "mandrill",
  scope: "acme/resets",
  sentence: "5 of 5 canaries did not arrive in time, which is 15 s.",
  numbers: { missed: 5, of: 5, share: 0.123456, withinMs: 15_000, sinceAt: AT - 40_000, cause: "silence" },
  at: AT,
};
const words = (telling: "raised" | "repeated" | "acknowledged" | "resolved", alert: Alert, laterMs = 0) =>
  wordingOf(
    { alert, alertId: 3, telling, acknowledgedBy: "ada" },
    ["acme/resets"],
    AT + laterMs,
    alert.severity === "page",
  );

test("a notice says everything in the order in which it is needed, and asks nobody to take it on", () => {
  assert.deepEqual(linesOf(words("raised", STANDBY, 130_000)), [
    STANDBY.sentence,
    "Since: 2022-08-08 19:30:00 UTC, 2 minutes ago",
    "Postern has moved the mail to the next provider of each route. After an outage it goes back by itself; after a quarantine or a pin a person decides.",
    "Affected: acme/resets",
    "Next: Nothing at this moment. Why, and how far it is: postern provider show mandrill",
    "Numbers: missed: 5, of: 5, share: 0.1235, within: 15 seconds, sinceAt: 2022-08-08 19:29:20 UTC, cause: silence",
    "More: docs/alerts.md: standby-in-use",
  ]);
});

test("that somebody has it, or that it is over, says nothing that is to be done", () => {
  const over = words("resolved", STANDBY, 3 * 3_600_000);
  assert.equal(over.headline, "Over: mandrill: Mail goes by a standby (stream acme/resets)");
  assert.deepEqual([over.happened, over.did, over.next, over.takeOn], ["It is over after 3 hours.", "", "", ""]);
  assert.equal(words("acknowledged", STANDBY).happened, "ada has it.");
});

test("a target that takes nothing is named in the title, and how to try it", () => {
  const alert = silentTarget(targetForTests("night", { kind: "pagerduty" }), "answered 403", { tries: 1 }, AT);
  assert.equal(titleOf(alert), "night: This target of alerts takes nothing");
  assert.match(words("raised", alert).next, /postern alerts test night --operator NAME$/);
});

test("a kind of another version has its name as its title; none is found on Object's own", () => {
  for (const kind of ["weather", "constructor"])
    assert.equal(titleOf({ ...STANDBY, kind, scope: "" }), `mandrill: ${kind}`);
});

test("an outage of our own touches every stream, a provider those that prefer it, a test none", () => {
  const route = (prefer: string[]) => ({
    prefer,
    standby: ["ses"],
    standbyShare: 0,
    weights: null,
    avoidOwnerGroups: [],
  });
  const tenant = {
    name: "acme",
    streams: ["resets", "news"].map((name) => ({ name, class: "C1" as const, ttlMs: null })),
    routes: { default: route(["mandrill"]), news: route(["ses"]) },
  } as never;
  const about = (kind: string, provider: string | null, scope = "") =>
    affectedStreams({ kind, provider, scope }, [tenant]);
  assert.deepEqual(about("local-outage", null), ["acme/resets", "acme/news"]);
  assert.deepEqual(about("standby-in-use", "mandrill"), ["acme/resets"]);
  assert.deepEqual(about("standby-in-use", "mandrill", "acme/news"), ["acme/news"]);
  assert.deepEqual(about("test", null), []);
});

test("each kind of docs/alerts.md has words of its own, and says what to do", () => {
  const page = readFileSync(path.join(import.meta.dirname, "../../docs/alerts.md"), "utf8");
  const kinds = [...page.matchAll(/^\| `([a-z-]+)` \| (?:page|notice)/gm)].map(([, kind]) => kind!);
  assert.ok(kinds.length >= 8, kinds.join());
  for (const kind of kinds) {
    const { title, did, next } = wordsOf(kind);
    assert.ok(title !== kind && did !== "" && next("ses", { numbers: {} }) !== "", kind);
  }
});
