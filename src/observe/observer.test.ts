import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TEST_TENANT } from "../../test/support/mail-path.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { type ApiKind, type ApiProviderSettings, DEFAULT_RETENTION } from "../config/index.ts";
import { type Clock, noFailpoint, Secret, silentLog, systemClock, systemRandom } from "../kernel/index.ts";
import { SES_CERTIFICATE_URL, sesCertificate, signedBySns, snsHeaders } from "../lab/twins/ses-notice.ts";
import { resendDialect } from "../lab/twins/resend.ts";
import { LeafMaker } from "../ledger/index.ts";
import { silentMetrics } from "../metrics/index.ts";
import type { WebhookRequest } from "../providers/index.ts";
import { tenantsOf } from "../tenancy/index.ts";
import { Observer, type ObserverParts } from "./observer.ts";

const TOPIC = "arn:aws:sns:eu-central-1:123456789012:postern";
const SUBSCRIBE = `https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=abc`;
const SECRET = `whsec_${Buffer.alloc(24, 5).toString("base64")}`;

let place: FreshDatabase;
before(async () => {
  place = await freshDatabase();
});
after(() => place.drop());

const provider = (kind: ApiKind, webhook: Partial<NonNullable<ApiProviderSettings["webhook"]>>) =>
  ({
    kind,
    name: kind,
    webhook: { key: null, basic: null, topicArn: null, url: null, ...webhook },
  }) as ApiProviderSettings;
const PROVIDERS = [provider("ses", { topicArn: TOPIC }), provider("resend", { key: new Secret(SECRET) })];

/** Both of its hands can be put forward. */
function shiftingClock(): Clock & { shift(ms: number): void } {
  let shiftMs = 0;
  return {
    ...systemClock,
    now: () => systemClock.now() + shiftMs,
    monotonicMs: () => systemClock.monotonicMs() + shiftMs,
    shift: (ms) => void (shiftMs += ms),
  };
}

type World = {
  observer: Observer;
  clock: ReturnType<typeof shiftingClock>;
  results: string[];
  logged: string[];
  fetched: string[];
};
async function world(
  change: Partial<ObserverParts>,
  use: (world: World) => Promise<void>,
  answer: (url: string) => { status: number; body: Buffer } | null = () => null,
): Promise<void> {
  const clock = shiftingClock();
  const [results, logged, fetched]: string[][] = [[], [], []];
  const log = (event: string) => logged!.push(event);
  const observer = new Observer({
    providers: PROVIDERS,
    publicUrl: null,
    database: place.database,
    tenants: tenantsOf([TEST_TENANT]),
    leaves: new LeafMaker(Buffer.alloc(32, 7)),
    attemptIdOf: () => "none",
    bodyMs: DEFAULT_RETENTION.bodyMs,
    onEvents: () => {},
    fetch: (url) => {
      fetched!.push(url);
      return Promise.resolve(answer(url));
    },
    clock,
    random: systemRandom,
    log: { ...silentLog, info: log, warn: log, error: log },
    metrics: { ...silentMetrics, notice: (name, result) => results!.push(`${name} ${result}`) },
    failpoint: noFailpoint,
    ...change,
  });
  await use({ observer, clock, results: results!, logged: logged!, fetched: fetched! });
  await observer.close();
}

function snsNotice(nowMs: number, change: Record<string, string> = {}): WebhookRequest {
  const fields = {
    Type: "SubscriptionConfirmation",
    MessageId: `165545c9-2a5c-472c-8df2-${String(nowMs).slice(-12)}`,
    Token: "abc",
    TopicArn: TOPIC,
    Message: "You have chosen to subscribe.",
    SubscribeURL: SUBSCRIBE,
    Timestamp: new Date(nowMs).toISOString(),
    ...change,
  };
  const body = Buffer.from(JSON.stringify(signedBySns(fields, nowMs)));
  return { method: "POST", url: "http://postern.test/v1/notices/ses", headers: snsHeaders(fields), body };
}

let sent = 0;
function resendNotice(nowMs: number): WebhookRequest {
  const message = {
    id: "e-1",
    at: nowMs,
    from: "app@acme.test",
    recipients: ["bob@example.net"],
    subject: "Hello",
    metadata: {},
    tags: [],
    raw: null,
    fields: {},
    state: "sent" as const,
    by: "api" as const,
    ends: new Map(),
  };
  const notice = { end: "delivered" as const, message, recipient: "bob@example.net", at: nowMs, isForged: false };
  const made = resendDialect.notice({ ...notice, id: `n-${(sent += 1)}` }, { url: "", secret: SECRET })!;
  return { method: "POST", url: "http://postern.test/", headers: made.headers, body: Buffer.from(made.body) };
}

const pem = (nowMs: number) => Buffer.from(sesCertificate(SES_CERTIFICATE_URL, nowMs)!);

test("a subscription of our topic is confirmed by one call; its certificate is fetched once", async () => {
  const answer = (url: string) =>
    url === SES_CERTIFICATE_URL ? { status: 200, body: pem(Date.now()) } : { status: 200, body: Buffer.alloc(0) };
  await world(
    {},
    async ({ observer, clock, results, logged, fetched }) => {
      assert.equal(await observer.take("ses", snsNotice(clock.now())), "taken");
      assert.deepEqual(fetched, [SES_CERTIFICATE_URL, SUBSCRIBE]);
      assert.deepEqual(results, ["ses confirmed"]);
      assert.deepEqual(logged, ["notice.subscription-confirmed"]);
      assert.equal(await observer.take("ses", snsNotice(clock.now() + 1)), "taken");
      assert.deepEqual(fetched, [SES_CERTIFICATE_URL, SUBSCRIBE, SUBSCRIBE]);
    },
    answer,
  );
});

test("what is not of our topic, or lies elsewhere, makes us call nobody", async () => {
  await world({}, async ({ observer, clock, fetched }) => {
    const now = clock.now();
    const another = snsNotice(now, { TopicArn: "arn:aws:sns:eu-central-1:666:evil" });
    assert.equal(await observer.take("ses", another), "refused");
    const elsewhere = JSON.parse(snsNotice(now).body.toString()) as Record<string, string>;
    for (const address of [
      "https://sns.evil.test/a.pem",
      "http://sns.eu-central-1.amazonaws.com/a.pem",
      "https://169.254.169.254/a.pem",
    ]) {
      const body = Buffer.from(JSON.stringify({ ...elsewhere, SigningCertURL: address }));
      assert.equal(await observer.take("ses", { ...snsNotice(now), body }), "refused");
    }
    assert.deepEqual(fetched, []);
  });
});

test("a subscription leads nowhere but to SNS, even where the signature is good", async () => {
  await world({ certificate: (url) => sesCertificate(url, Date.now()) }, async ({ observer, clock, fetched }) => {
    const elsewhere = snsNotice(clock.now(), { SubscribeURL: "https://169.254.169.254/latest/meta-data" });
    assert.equal(await observer.take("ses", elsewhere), "refused");
    assert.deepEqual(fetched, []);
  });
});

test("a certificate that cannot be had is no refusal: it is asked for again after ten seconds, and the notice passes then", async () => {
  let isThere = false;
  await world(
    {},
    async ({ observer, clock, results, fetched }) => {
      const notice = snsNotice(clock.now());
      assert.equal(await observer.take("ses", notice), "later");
      assert.equal(await observer.take("ses", notice), "later");
      assert.equal(fetched.length, 1);
      isThere = true;
      clock.shift(11_000);
      assert.equal(await observer.take("ses", notice), "taken");
      assert.deepEqual(results, ["ses failed", "ses failed", "ses confirmed"]);
    },
    (url) => (isThere ? { status: 200, body: url === SES_CERTIFICATE_URL ? pem(Date.now()) : Buffer.alloc(0) } : null),
  );
});

test("a notice is believed for as long as its scheme says, and refused afterwards", async () => {
  await world({}, async ({ observer, clock, results }) => {
    const [first, second] = [resendNotice(clock.now()), resendNotice(clock.now())];
    assert.equal(await observer.take("resend", first), "taken");
    clock.shift(301_000);
    assert.equal(await observer.take("resend", second), "refused");
    assert.equal(await observer.take("resend", first), "refused");
    assert.deepEqual(results, ["resend taken", "resend refused", "resend refused"]);
  });
});

test("who is refused again and again is told once a minute", async () => {
  await world({}, async ({ observer, clock, logged }) => {
    const forged = { ...resendNotice(clock.now()), body: Buffer.from("{}") };
    for (let n = 0; n < 50; n += 1) await observer.take("resend", forged);
    assert.deepEqual(logged, ["notice.refused"]);
    clock.shift(61_000);
    await observer.take("resend", forged);
    assert.deepEqual(logged, ["notice.refused", "notice.refused"]);
  });
});
