import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ASSURANCE } from "../../../test/support/assurance.ts";
import { type ServedLab, serveLab } from "./served-lab-for-tests.ts";

let served: ServedLab;
beforeEach(async () => {
  served = await serveLab();
});
afterEach(() => served.stop());
const show = (silence: [string, number][] = []) => {
  let reads = 0;
  served.lab.showAssurance(async () => {
    reads += 1;
    return { assurance: ASSURANCE, silence: new Map(silence) };
  });
  return () => reads;
};

test("shows each stream's budget and each provider's standing, with names for what is drawn", async () => {
  show([["harbour", 1.4]]);
  const page = await served.get("/lab/assurance");
  assert.match(page, /aria-current="page">Assurance</);
  assert.match(page, /<h3>alerts <span class="quiet">C2<\/span><\/h3>/);
  assert.match(page, /aria-label="Error budget left: -100 %"/);
  assert.match(page, /aria-label="2 messages in the last hour, 0 of them late"/);
  assert.match(page, /<span class="pill bad">DOWN<\/span>/);
  assert.match(page, /aria-label="Within the last hour: HEALTHY, then DOWN"/);
  assert.match(page, /<strong>140 %<\/strong>/);
  assert.match(page, /8 of 10/);
  for (const [drawing] of page.matchAll(/<svg[^>]*>/g)) assert.match(drawing, /role="img"/);
  assert.doesNotMatch(page, / style=/, "the pages' policy would not show it");
});

test("before Postern runs it says so, and where nothing was counted", async () => {
  assert.match(await served.get("/lab/assurance"), /Postern is about to start/);
  served.lab.showAssurance(async () => ({ assurance: { ...ASSURANCE, countedAt: null }, silence: new Map() }));
  await served.clock.advance(1_000);
  assert.match(await served.get("/lab/assurance"), /nothing was counted yet/);
});

test("pages that ask all the time do not read all the time", async () => {
  const reads = show();
  for (let n = 0; n < 5; n += 1) await served.json("/lab/assurance/live");
  assert.equal(reads(), 1);
  await served.clock.advance(1_000);
  const { pieces, title } = await served.json("/lab/assurance/live");
  assert.equal(reads(), 2);
  assert.match(pieces.streams, /alerts/);
  assert.equal(title, "Assurance – Postern lab");
});
