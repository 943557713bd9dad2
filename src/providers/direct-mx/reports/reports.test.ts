import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { authority } from "../../../../test/support/certificates.ts";
import { eventually } from "../../../../test/support/eventually.ts";
import { quickClock } from "../../../../test/support/quick-clock.ts";
import { DAY_MS, type LogFields, silentLog, systemRandom } from "../../../kernel/index.ts";
import { handOff, MxWorld } from "../world-for-tests.ts";
import { placesIn } from "./places.ts";
import { TlsTally } from "./tally.ts";

const REPORTS = { organization: "Acme", contact: "postmaster@acme.example" };
/** The day's end comes at once when it is waited for; what bounds a request keeps its time. */
const LONGEST_BOUND_MS = 60_000;

test("at the day's end a domain that asks for it is told what TLS came to", async (context) => {
  const w = await MxWorld.start(context);
  const stranger = authority("Stranger").issue(["mx.sts.example"]);
  await w.server("mx.sts.example", { issued: stranger });
  w.mx("sts.example", "mx.sts.example");
  const policy = "version: STSv1\nmode: testing\nmx: mx.sts.example\nmax_age: 86400\n";
  const { requests } = await w.policy("sts.example", policy);
  w.dns.zone.set(
    "_smtp._tls.sts.example",
    "TXT",
    `v=TLSRPTv1; rua=https://mta-sts.sts.example:${w.policyPort}/v1/tlsrpt`,
  );

  let endOfDay = () => {};
  const clock = quickClock(() => true);
  const { after } = clock;
  clock.after = (ms, task) => (ms > LONGEST_BOUND_MS ? ((endOfDay = task), { cancel() {} }) : after(ms, task));
  const provider = w.provider({ tlsReports: REPORTS }, { clock });
  const startsAt = Math.floor(clock.now() / DAY_MS) * DAY_MS;
  for (let n = 0; n < 3; n += 1) await handOff(provider, ["a@sts.example"]);
  endOfDay();
  await eventually(() => requests.includes("POST https://mta-sts.sts.example/v1/tlsrpt") && w.posted.length === 2);

  const report = JSON.parse(gunzipSync(w.posted[1]!).toString());
  assert.match(report["report-id"], /^\d{4}-\d\d-\d\d\.[0-9a-f]{16}@out\.acme\.example$/);
  delete report["report-id"];
  const day = new Date(startsAt).toISOString().slice(0, 10);
  assert.deepEqual(report, {
    "organization-name": "Acme",
    "date-range": { "start-datetime": `${day}T00:00:00Z`, "end-datetime": `${day}T23:59:59Z` },
    "contact-info": "postmaster@acme.example",
    policies: [
      {
        policy: {
          "policy-type": "sts",
          "policy-string": policy.trimEnd().split("\n"),
          "policy-domain": "sts.example",
          "mx-host": ["mx.sts.example"],
        },
        summary: { "total-successful-session-count": 0, "total-failure-session-count": 3 },
        "failure-details": [
          {
            "result-type": "certificate-not-trusted",
            "receiving-mx-hostname": "mx.sts.example",
            "receiving-ip": "127.0.0.2",
            "failed-session-count": 3,
          },
        ],
      },
    ],
  });
});

test("a report that is wanted by mail, or not taken, is in the log; one nobody wants is nowhere", async (context) => {
  const w = await MxWorld.start(context);
  for (const domain of ["mail.example", "away.example", "quiet.example"]) {
    await w.server(`mx.${domain}`);
    w.mx(domain, `mx.${domain}`);
  }
  w.dns.zone.set("_smtp._tls.mail.example", "TXT", "v=TLSRPTv1; rua=mailto:tls@mail.example");
  w.dns.zone.set("_smtp._tls.away.example", "TXT", "v=TLSRPTv1;rua=https://127.0.0.1/a,https://nowhere.example/b");
  const logged: string[] = [];
  const warn = (event: string, fields: LogFields = {}) =>
    logged.push(`${event} ${fields["domain"]} ${fields["reason"]}`);
  let endOfDay = () => {};
  const clock = quickClock(() => true);
  const { after } = clock;
  clock.after = (ms, task) => (ms > LONGEST_BOUND_MS ? ((endOfDay = task), { cancel() {} }) : after(ms, task));
  const provider = w.provider({ tlsReports: REPORTS }, { clock, log: { ...silentLog, warn } });
  await handOff(provider, ["a@mail.example", "a@away.example", "a@quiet.example"]);
  endOfDay();
  await eventually(() => logged.length === 2);
  assert.deepEqual(logged.toSorted(), [
    "direct-mx.tls-report-unsent away.example not-taken",
    "direct-mx.tls-report-unsent mail.example by-mail-only",
  ]);
});

test("a tally is bounded, and its sums are right all the same", () => {
  const tally = new TlsTally(0);
  const session = {
    domain: "d.example",
    policy: { type: "no-policy-found" },
    host: "mx",
    fault: "validation-failure",
  } as const;
  for (let n = 0; n < 200; n += 1) tally.count({ ...session, address: `192.0.2.${n}` });
  for (let n = 0; n < 20_000; n += 1) tally.count({ ...session, domain: `d${n}.example`, address: "", fault: null });
  const report = tally.reportOf("d.example", { ...REPORTS, hostname: "h" }, systemRandom)!;
  assert.equal(report.policies[0]?.summary["total-failure-session-count"], 200);
  assert.equal(report.policies[0]?.["failure-details"]?.length, 50);
  assert.equal(tally.domains.length, 10_000);
});

test("where reports go is said in exactly one record", () => {
  const https = "https://reports.example/v1";
  assert.deepEqual(placesIn([`v=TLSRPTv1; rua=mailto:a@b.example,${https}`]), {
    https: [https],
    mailto: ["mailto:a@b.example"],
  });
  for (const texts of [[], ["v=TLSRPTv1;"], ["v=spf1 -all"], [`v=TLSRPTv1;rua=${https}`, `v=TLSRPTv1;rua=${https}`]])
    assert.equal(placesIn(texts), null);
});
