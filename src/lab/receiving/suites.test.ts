import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { parseAllDocuments } from "yaml";
import { testData } from "../../../test/support/test-data.ts";
import { type AskDns, type LabDns, type LabZone, resolverOf, startLabDns } from "../dns/index.ts";

/** The suites' labels, asked through the lab's nameserver: what disagrees is either the server's or the verifier's doing. */
const SPF = testData("mail-auth", "spf", "rfc7208-tests.yml");
const DKIM = testData("mail-auth", "dkim-chasquid");

/**
 * Names such as `foo:bar/baz.example.com`, which a DNS may hold and node:dns refuses to ask for (EBADNAME). No mail is
 * written to such a host, and the verdict errs on the strict side.
 */
const NOT_ASKED = "permerror, not pass";
const KNOWN_DISAGREEMENTS = [
  `a-colon-domain: ${NOT_ASKED}`,
  `a-colon-domain-ip4mapped: ${NOT_ASKED}`,
  `mx-colon-domain: ${NOT_ASKED}`,
  `mx-colon-domain-ip4mapped: ${NOT_ASKED}`,
  `macro-mania-in-domain: ${NOT_ASKED}`,
];

/** Two keys under one selector: RFC 6376 §3.6.2.2 leaves it open which counts; the label wants every one tried, mailauth takes the first. */
const OTHERWISE: Readonly<Record<string, Label[]>> = { "07-algo_mismatch": ["PERMFAIL", "SUCCESS"] };

type Answers = "TIMEOUT" | Record<string, unknown>;
type Scenario = {
  description: string;
  tests: Record<string, { helo: string; host: string; mailfrom: string; result: string | string[] }>;
  zonedata: Record<string, Answers[]>;
};

describe("standard suites through the lab's nameserver", () => {
  let dns: LabDns;
  let ask: AskDns;
  before(async () => {
    dns = await startLabDns();
    ask = resolverOf(dns.address, 50);
  });
  after(() => dns.stop());

  test("SPF: every case of the suite of RFC 7208 has a result that it allows", { skip: SPF.skip }, async (context) => {
    const { spf } = await import("mailauth");
    const disagreements: string[] = [];
    let cases = 0;
    for (const document of parseAllDocuments(readFileSync(SPF.folder, "utf8"))) {
      const { tests, zonedata } = document.toJS() as Scenario;
      const names = publishAll(dns.zone, zonedata);
      for (const [name, { helo, host, mailfrom, result }] of Object.entries(tests)) {
        cases += 1;
        const { status } = await spf({ sender: mailfrom, ip: host, helo, resolver: ask, strict: true });
        if (![result].flat().includes(status.result)) disagreements.push(`${name}: ${status.result}, not ${result}`);
      }
      withdraw(dns.zone, names);
    }
    context.diagnostic(`${cases} cases`);
    assert.deepEqual(disagreements, KNOWN_DISAGREEMENTS);
  });

  test("DKIM: signed messages are found good or bad as their label says", { skip: DKIM.skip }, async (context) => {
    const { dkimVerify } = await import("mailauth");
    const bases = readdirSync(DKIM.folder)
      .filter((file) => file.endsWith(".dns"))
      .map((file) => path.join(DKIM.folder, file.slice(0, -4)));
    for (const base of bases) {
      const names = publishKeys(dns.zone, linked(`${base}.dns`));
      const raw = linked(`${base}.msg`).replace(/\r?\n/g, "\r\n");
      const { results } = await dkimVerify(Buffer.from(raw, "latin1"), { resolver: ask, strict: true });
      const labels = labelsOf(base);
      // A verifier that looks at more than five signatures finds more of them in 02-too_many_headers.
      const found = results.map(({ status }) => status.result).slice(0, labels.length);
      const name = path.basename(base);
      assert.deepEqual(found.map(asLabel), OTHERWISE[name] ?? labels, name);
      withdraw(dns.zone, names);
    }
    context.diagnostic(`${bases.length} messages`);
  });
});

function withdraw(zone: LabZone, names: readonly string[]): void {
  for (const name of names) {
    zone.remove(name);
    zone.setFault(name, null);
  }
}

/** `name: text` per line, a backslash goes on in the next; TEMPERROR and PERMERROR stand for what a look-up comes to. */
function publishKeys(zone: LabZone, text: string): string[] {
  const records = new Map<string, string[]>();
  for (const line of text.replaceAll(/\\\n\s*/g, "").split("\n")) {
    const [, name = "", record = ""] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name !== "") records.set(name, [...(records.get(name) ?? []), record]);
  }
  for (const [name, found] of records) {
    if (found.includes("TEMPERROR")) zone.setFault(name, "servfail");
    else if (!found.includes("PERMERROR")) zone.set(name, "TXT", ...found);
  }
  return [...records.keys()];
}

/** Links came into the data as files that hold the name of another one. */
function linked(file: string): string {
  const text = readFileSync(file, "latin1");
  return /^[\w.-]+$/.test(text.trim()) ? readFileSync(path.join(path.dirname(file), text.trim()), "latin1") : text;
}

type Label = "SUCCESS" | "PERMFAIL" | "TEMPFAIL";
function labelsOf(base: string): Label[] {
  const { Results } = JSON.parse(linked(`${base}.result`)) as { Results: { State: Label }[] };
  return Results.map(({ State }) => State);
}
const asLabel = (result: string): Label =>
  result === "pass" ? "SUCCESS" : result === "temperror" ? "TEMPFAIL" : "PERMFAIL";

/** The notation of the suite (its section "About the test suite"); gives the names that were set. */
function publishAll(zone: LabZone, zonedata: Scenario["zonedata"]): string[] {
  for (const [name, answers] of Object.entries(zonedata)) publish(zone, name, answers);
  return Object.keys(zonedata);
}

function publish(zone: LabZone, name: string, answers: Answers[]): void {
  const of = (type: string): unknown[] =>
    answers.flatMap((one) => (one !== "TIMEOUT" && Object.hasOwn(one, type) ? [one[type]] : []));
  const texts = (type: string): string[] =>
    of(type)
      .filter((one) => one !== "NONE")
      .map((one) => [one].flat().join(""));
  // TIMEOUT is for what is not listed; nobody asks for the old type SPF any more.
  if (answers.includes("TIMEOUT") && texts("TXT").length === 0) zone.setFault(name, "no-answer");
  zone.set(name, "A", ...(of("A") as string[]));
  zone.set(name, "AAAA", ...(of("AAAA") as string[]));
  zone.set(name, "PTR", ...(of("PTR") as string[]));
  zone.set(name, "CNAME", ...(of("CNAME") as string[]));
  const exchanges = of("MX") as [number, string][];
  zone.set(name, "MX", ...exchanges.map(([preference, exchange]) => ({ preference, exchange: exchange || "." })));
  // Records of the old type SPF stand for TXT too, unless TXT is given (or is "NONE").
  zone.set(name, "TXT", ...(of("TXT").length > 0 ? texts("TXT") : texts("SPF")));
}
