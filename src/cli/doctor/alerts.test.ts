import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_ALERTS } from "../../config/index.ts";
import { checkAlertTargets, openAlertsCheck } from "./alerts.ts";

type Target = { name: string; kind: string; severities: string[] };
const found = (targets: Target[], owners: string[], lab = false) => {
  const providers = owners.map((ownerGroup, n) => ({ name: `p${n}`, ownerGroup }));
  const [check] = checkAlertTargets({ lab, providers, alerts: { ...NO_ALERTS, targets } } as never);
  return check === undefined ? null : [check.state, check.sentence];
};
const post = { name: "post", kind: "mail", severities: ["page"] };
const chat = { name: "chat", kind: "slack", severities: ["notice"] };

test("that nobody would be told is noted, and that nobody would be paged", () => {
  assert.match(found([], ["a"])!.join(), /^warning,Nobody is told/);
  assert.match(found([chat], ["a"])!.join(), /^warning,No target hears of what a person has to get up for/);
  assert.deepEqual(found([], ["a"], true), null, "the lab shows alerts on its pages");
});

test("mail alone beside one provider alone is noted: of that one's failure nobody would hear", () => {
  assert.match(found([post], ["a"])!.join(), /^warning,Pages are told by mail alone, and p0 is the only provider/);
  assert.deepEqual(found([post], ["a", "b"]), ["ok", "1 target: post."]);
  assert.deepEqual(found([post, { ...chat, severities: ["page"] }], ["a"]), ["ok", "2 targets: post, chat."]);
});

test("pages that nobody has taken on are noted, with what to do; notices and those that somebody has are not", () => {
  const page = {
    id: 12,
    kind: "quarantined",
    provider: "ses",
    scope: "",
    numbers: {},
    severity: "page",
    acknowledgedAt: null,
  };
  const check = (...open: object[]) => openAlertsCheck(open as never);
  assert.deepEqual(check({ ...page, severity: "notice" }, { ...page, acknowledgedAt: 1 }), []);
  const [one] = check(page, { ...page, id: 11 });
  assert.equal(one!.sentence, "Nobody has taken on: ses: A provider is quarantined and 1 more alert.");
  assert.match(one!.next!, /^postern alerts show 12 /);
});
