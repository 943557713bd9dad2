import assert from "node:assert/strict";
import { test } from "node:test";
import { type App, startApp } from "../../src/app.ts";
import { API_KINDS, type ApiKind, loadSettings } from "../../src/config/index.ts";
import { noFailpoint, silentLog, systemClock, systemRandom } from "../../src/kernel/index.ts";
import { DIALECTS } from "../../src/lab/twins/catalog.ts";
import { type Fault, type RunningTwin, startTwin } from "../../src/lab/twins/index.ts";
import { SES_ACCESS_KEY_ID, SES_CONFIGURATION_SET, sesCertificate } from "../../src/lab/twins/ses.ts";
import type { MessageStory } from "../../src/spool/index.ts";
import { newRig } from "../crash/rig.ts";
import { eventually } from "../support/eventually.ts";
import { freshDatabase } from "../support/postgres.ts";

const API_KEY = "key_0123456789abcdef";
const DOMAIN = "account.acme.example";
const EACH = 5;
/** The slowest log is two minutes behind its answers (Postmark); what is unknown is asked for after that. */
const ENDED_WITHIN_MS = 6 * 60_000;

const TOPIC = "arn:aws:sns:eu-central-1:123456789012:postern";

const COMMON: readonly Fault[] = [
  { mode: "ok" },
  { mode: "slow", byMs: 300 },
  { mode: "429" },
  { mode: "5xx", taken: false },
  { mode: "5xx", taken: true },
  { mode: "time-out", taken: false },
  { mode: "time-out", taken: true },
  { mode: "closed", taken: false },
  { mode: "closed", taken: true },
  { mode: "garbage" },
  { mode: "endless" },
  { mode: "unknown-value" },
  { mode: "answers-and-closes" },
];
const OWN: Record<ApiKind, string> = {
  mandrill: "",
  sendgrid: "",
  postmark: "readKey: env:RIG_READ_POSTMARK, ",
  mailgun: `domain: ${DOMAIN}, `,
  resend: "",
  // SES has no log that can be asked; what became of a message comes as a notice.
  ses: `accessKeyId: ${SES_ACCESS_KEY_ID}, region: eu-central-1, channel: ${SES_CONFIGURATION_SET}, webhook: { topicArn: "${TOPIC}" }, `,
};

/** One vendor in one fault: an account of its own, with a stream of its own that prefers it. */
type Case = {
  name: string;
  vendor: ApiKind;
  fault: Fault;
  twin: RunningTwin;
  delivered: Map<string, number>;
  ids: string[];
};

async function caseOf(vendor: ApiKind, fault: Fault, n: number): Promise<Case> {
  const delivered = new Map<string, number>();
  const twin = await startTwin(vendor, {
    clock: systemClock,
    log: silentLog,
    domain: DOMAIN,
    deliver: async ({ recipients }) => {
      for (const one of recipients) delivered.set(one, (delivered.get(one) ?? 0) + 1);
    },
  });
  return { name: `${vendor}-${n}`, vendor, fault, twin, delivered, ids: [] };
}

/** A success that nobody can read is `held` and goes elsewhere at once: where the vendor did send it, there are two. */
const MAY_BE_TWICE = "unknown-value";
/** Answers as always and sends nothing: like a black hole, no answer tells of it. */
const IN_SILENCE = "paused-in-silence";

/**
 * Every vendor's twin in every way it can go wrong, at once, before one Postern with a standby: no mail is lost, and
 * none that the vendor took goes out again, whether its answer said so or not.
 */
test("through all faults of six vendors no mail is lost and none goes out twice", async (t) => {
  const place = await freshDatabase();
  const environment: Record<string, string> = {
    RIG_KEY: "ab".repeat(32),
    RIG_DATABASE: place.url,
    RIG_API_KEY: API_KEY,
  };
  for (const vendor of API_KINDS) {
    environment[`RIG_KEY_${vendor.toUpperCase()}`] = `lab-key-of-${vendor}`;
    environment[`RIG_READ_${vendor.toUpperCase()}`] = `lab-read-key-of-${vendor}`;
  }
  const rig = newRig();
  const cases: Case[] = [];
  let app: App | null = null;
  try {
    for (const vendor of API_KINDS) {
      const { suspensions, refusals } = DIALECTS[vendor]!;
      const faults: Fault[] = [
        ...COMMON,
        ...suspensions.map((variant): Fault => ({ mode: "suspended", variant })),
        ...refusals.map((name): Fault => ({ mode: "refusal", name })),
      ];
      for (const [n, fault] of faults.entries()) cases.push(await caseOf(vendor, fault, n));
    }
    const standby = await rig.sink();
    const file = rig.configure(`
listen: { smtp: null, http: 127.0.0.1:0 }
data: ./data
database: { url: env:RIG_DATABASE }
bodyKey: env:RIG_KEY
tenants:
  - name: acme
    domains: [${DOMAIN}]
    credentials: [{ name: app, apiKey: env:RIG_API_KEY }]
    streams:
${cases.map(({ name }) => `      - { name: ${name}, class: C2 }`).join("\n")}
    routes:
      default: { prefer: [standby] }
${cases.map(({ name }) => `      ${name}: { prefer: [${name}], standby: [standby], standbyShare: 0 }`).join("\n")}
providers:
  - { name: standby, kind: smtp, ownerGroup: standby, host: 127.0.0.1, port: ${standby.smtp}, tls: none, activityUrl: "http://127.0.0.1:${standby.http}/activity" }
${cases
  .map(
    ({ name, vendor, twin }) =>
      `  - { name: ${name}, kind: ${vendor}, ownerGroup: ${name}, apiKey: env:RIG_KEY_${vendor.toUpperCase()}, ${OWN[vendor]}baseUrl: "${twin.baseUrl}", replyTimeout: 1s }`,
  )
  .join("\n")}
`);
    const parts = { clock: systemClock, random: systemRandom, log: silentLog, failpoint: noFailpoint };
    const settings = loadSettings({ file, environment, cwd: rig.folder, random: systemRandom });
    const snsCertificate = (url: string) => sesCertificate(url, systemClock.now());
    app = await startApp({ ...parts, settings, snsCertificate });
    const base = `http://127.0.0.1:${app.http.port}/v1`;
    for (const { name, vendor, twin } of cases)
      if (vendor === "ses") twin.setNotices("normal", { url: `${base}/notices/${name}`, secret: TOPIC });
    const headers = { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" };
    const api = async <T>(path: string, body?: object): Promise<T> => {
      const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
      return (await (await fetch(`${base}${path}`, init)).json()) as T;
    };
    const storyOf = (id: string) => api<MessageStory>(`/messages/${id}`);

    for (const one of cases) one.twin.setFault(one.fault);
    for (const one of cases) {
      for (let n = 0; n < EACH; n += 1) {
        const mail = {
          from: `hello@${DOMAIN}`,
          to: [`${one.name}-${n}@example.net`],
          subject: "Confirm",
          text: "Click",
        };
        const { id } = await api<{ id: string }>("/messages", { ...mail, stream: one.name });
        assert.ok(id, `${one.name} was not accepted`);
        one.ids.push(id);
      }
    }
    // Each is tried under its fault; then the vendors are well again, and what was unknown is asked for.
    await eventually(async () => {
      const stories = await Promise.all(cases.map(({ ids }) => storyOf(ids.at(-1)!)));
      return stories.every(({ attempts }) => attempts.some(({ outcome }) => outcome !== null));
    }, 60_000);
    for (const { twin } of cases) twin.setFault({ mode: "ok" });
    const ended = async (): Promise<boolean> => {
      const open = ["queued", "in-flight", "scheduled"];
      const lists = await Promise.all(
        open.map((state) => api<{ messages: unknown[] }>(`/messages?state=${state}&limit=1`)),
      );
      return lists.every(({ messages }) => messages.length === 0);
    };
    await eventually(ended, ENDED_WITHIN_MS);

    const { copies } = await standby.report();
    const count = {
      lost: 0,
      twice: 0,
      byRule: 0,
      inSilence: 0,
      atVendor: 0,
      atStandby: 0,
      saidSo: 0,
      suspensions: 0,
      oneAnswer: 0,
    };
    const wrong: string[] = [];
    for (const { name, fault, delivered, ids } of cases) {
      for (const [n, id] of ids.entries()) {
        const story = await storyOf(id);
        const there = delivered.get(`${name}-${n}@example.net`) ?? 0;
        const here = copies[id] ?? 0;
        count.atVendor += there;
        count.atStandby += here;
        const { state } = story.recipients[0]!;
        // What the vendor refuses for good is no loss: the application is told.
        const isTold = there + here === 0 && (state === "rejected" || story.state === "held");
        if (isTold) count.saidSo += 1;
        const isTwice = there + here > (fault.mode === MAY_BE_TWICE ? 2 : 1);
        const isSilent = fault.mode === "suspended" && fault.variant === IN_SILENCE;
        const isLost = there + here === 0 && !isTold && !isSilent;
        if (fault.mode === MAY_BE_TWICE && there + here === 2) count.byRule += 1;
        if (isSilent && there + here === 0) count.inSilence += 1;
        if (isLost) count.lost += 1;
        if (isTwice) count.twice += 1;
        if (isLost || isTwice) {
          const tries = story.attempts.map((one) => `${one.provider}: ${one.outcome} ${one.cause}`).join("; ");
          wrong.push(`${name} ${JSON.stringify(fault)}: ${there} + ${here} copies, ${state}. ${tries}`);
        }
        if (fault.mode === "suspended" && !isSilent && n === 0) {
          count.suspensions += 1;
          const { provider, scope, outcome } = story.attempts[0]!;
          if (provider === name && (scope === "account" || outcome === "held")) count.oneAnswer += 1;
        }
      }
    }
    t.diagnostic(
      `${cases.length} accounts × ${EACH} messages: ${count.lost} lost, ${count.twice} twice; ${count.atVendor} by the vendor, ` +
        `${count.atStandby} by the standby, ${count.saidSo} told to be refused or held; ` +
        `${count.byRule} twice because their vendor's success could not be read, ${count.inSilence} kept back by a vendor that said nothing; ` +
        `${count.oneAnswer} of ${count.suspensions} suspension variants known by the first answer`,
    );
    assert.deepEqual(wrong, []);
    assert.equal(count.oneAnswer, count.suspensions, "a suspension was not seen for what it is");
  } finally {
    await app?.stop();
    await rig.end();
    await Promise.all(cases.map(({ twin }) => twin.stop()));
    await place.drop();
  }
});
