import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { EVENT_KIND_NAMES } from "./event-kinds.ts";
import {
  type Happening,
  HAPPENINGS_OF,
  hearsOf,
  kindsTold,
  VENDOR_WORDS,
  type VendorFormat,
  wordsFor,
} from "./webhook-formats.ts";

const FORMATS = Object.keys(VENDOR_WORDS) as VendorFormat[];

/** How docs/webhooks.md calls them, in its order. */
const ROWS: readonly (readonly [Happening, string])[] = [
  ["accepted", "accepted"],
  ["handed-off", "handed-off"],
  ["delivered", "delivered"],
  ["deferred", "deferred"],
  ["delayed", "delayed"],
  ["bounced-hard", "bounced for good, rejected for its mailbox"],
  ["bounced-soft", "bounced for now, rejected by a mailbox that is full"],
  ["refused", "rejected for what it is"],
  ["expired", "expired"],
  ["suppressed", "suppressed"],
  ["complained", "complained"],
  ["opened", "opened"],
  ["clicked", "clicked"],
  ["unsubscribed", "unsubscribed"],
];

test("docs/webhooks.md says what each format calls each event", () => {
  const page = readFileSync(path.join(import.meta.dirname, "../../docs/webhooks.md"), "utf8");
  const [, table = ""] = page.split(`| Postern's event | ${FORMATS.join(" | ")} |\n`);
  const rows = table
    .split("\n\n")[0]!
    .split("\n")
    .slice(1)
    .map((line) => line.split("|").slice(1, -1));
  assert.deepEqual(
    rows.map((cells) => cells.map((cell, n) => (n === 0 ? cell.trim() : (/`(.+?)`/.exec(cell)?.[1] ?? null)))),
    ROWS.map(([happening, name]) => [name, ...FORMATS.map((format) => VENDOR_WORDS[format][happening] ?? null)]),
  );
});

test("only events that exist are told", () => {
  for (const kind of Object.keys(HAPPENINGS_OF))
    assert.ok(
      EVENT_KIND_NAMES.some((known) => known === kind),
      kind,
    );
});

test("an event is told in a format whatever it turns out to be, or never", () => {
  for (const format of FORMATS)
    for (const [kind, happenings] of Object.entries(HAPPENINGS_OF)) {
      const words = happenings.filter((one) => VENDOR_WORDS[format][one] !== undefined);
      assert.ok(words.length === 0 || words.length === happenings.length, `${format} ${kind}`);
    }
});

test("a webhook hears what it asks for, as far as its format has words", () => {
  assert.equal(kindsTold("postern"), null);
  assert.equal(hearsOf({ format: "postern", events: null }, "message.of-the-future"), true);
  assert.equal(hearsOf({ format: "resend", events: null }, "message.unsubscribed"), false);
  assert.equal(hearsOf({ format: "ses", events: ["message.opened"] }, "message.clicked"), false);
  assert.equal(hearsOf({ format: "ses", events: ["message.opened"] }, "message.opened"), true);
  assert.deepEqual(wordsFor("mandrill", "message.rejected"), ["hard_bounce", "soft_bounce", "reject"]);
  assert.deepEqual(wordsFor("mandrill", "message.held"), []);
});
