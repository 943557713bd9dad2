import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { requestOf, RecordedRequest, timeOf } from "../../src/cli/inspect/recorded-request.ts";
import { sesCertificate, signedBySns } from "../../src/lab/twins/ses-notice.ts";
import {
  type NoticeKind,
  NOTICE_READERS,
  secretsIn,
  type WebhookAnswer,
  type WebhookRequest,
  type WebhookSecrets,
} from "../../src/providers/index.ts";
import { different, type RecordedWebhook } from "../../src/providers/recorded-webhooks-for-tests.ts";
import { SIGNATURE_HEADER, TIMESTAMP_HEADER } from "../../src/providers/sendgrid/signature.ts";
import type { DeliveryEvent } from "../../src/mail/index.ts";
import { commandLine } from "../support/command-line.ts";
import { testData } from "../support/test-data.ts";

/**
 * Every recorded request there is, through `postern inspect webhook`: what it is answered, and each field of each event.
 * Then what is signed among them, changed by a bit here and there, and too late.
 */
const VENDORS: readonly (readonly [file: string, kind: NoticeKind])[] = [
  ["amazon-ses", "ses"],
  ["brevo", "brevo"],
  ["mailersend", "mailersend"],
  ["mailgun", "mailgun"],
  ["mailjet", "mailjet"],
  ["mailtrap", "mailtrap"],
  ["mandrill", "mandrill"],
  ["postal", "postal"],
  ["postmark", "postmark"],
  ["resend", "resend"],
  ["sendgrid", "sendgrid"],
  ["sparkpost", "sparkpost"],
  ["unisender-go", "unisender-go"],
];

/** Fields that we read otherwise than the suite that made the recordings, and why. There is nothing else. */
const OTHERWISE: Partial<Record<NoticeKind, { fields: readonly string[]; why: string }>> = {
  sendgrid: {
    fields: ["message id", "metadata"],
    why: "its own custom argument (anymail_id) is the message's id there; we tell SendGrid's id, by which a hand-off was answered, and leave the argument among the others",
  },
};

const line = commandLine({ POSTERN_CONFIG: "absent.yaml", POSTERN_DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" });
after(() => line.close());

type Line = { status: number | null; events: (Omit<DeliveryEvent, "at"> & { at: string | null })[]; reason: string };

/** What outside of it is refused: late, and early. The one vendor with a longer time tries again for an hour. */
const WINDOWS_S: Partial<Record<NoticeKind, readonly [late: number, early: number]>> = {
  mailgun: [301, -301],
  resend: [301, -301],
  sendgrid: [301, -301],
  ses: [3_901, -301],
};

const TOPIC = "arn:aws:sns:eu-central-1:123456789012:postern-events";
const NOW = Date.UTC(2026, 10, 25);
const SAMPLES = 64;

for (const [file, kind] of VENDORS) {
  const { folder, skip } = testData("esp-webhooks", "open", `${file}.json`);
  const all = skip === false ? (JSON.parse(readFileSync(folder, "utf8")) as RecordedWebhook[]) : [];

  describe(kind, { skip }, () => {
    test("every recorded request is answered and read as is expected of it", async (context) => {
      const ran = await line.run(["inspect", "webhook", "--provider", kind, folder]);
      assert.equal(ran.err, "");
      const lines = ran.out.trim().split("\n");
      assert.equal(lines.length, all.length);
      const counts = { agree: 0, otherwise: 0, unknown: 0 };
      const wrong: string[] = [];
      for (const [n, one] of all.entries()) {
        const found = disagreementsOf(one, JSON.parse(lines[n]!) as Line);
        if (found === null) counts.unknown += 1;
        else if (found.length === 0) counts.agree += 1;
        else if (found.every(([field]) => OTHERWISE[kind]?.fields.includes(field))) counts.otherwise += 1;
        else wrong.push(`${one.name}: ${found.map((told) => told.join(": ")).join("; ")}`);
      }
      context.diagnostic(
        `${kind}: ${all.length} recorded, ${counts.agree} agree, ${counts.otherwise} otherwise on purpose, ${counts.unknown} without expectation`,
      );
      assert.deepEqual(wrong, []);
      assert.equal(counts.otherwise > 0, kind in OTHERWISE, "a reason that nothing needs any more");
    });

    test("changed by a bit it is refused, or says what it said", async (context) => {
      let tried = 0;
      for (const { request, secrets, now } of all.flatMap((one) => signedOf(kind, one))) {
        const said = await answerTo(kind, request, secrets, now);
        if (said.kind !== "events") continue;
        for (const at of sampled(covered(kind, request.body))) {
          const body = Buffer.from(request.body);
          body[at]! ^= 1;
          const answer = await answerTo(kind, { ...request, body }, secrets, now);
          tried += 1;
          if (answer.kind !== "refused") assert.deepEqual(answer, said, `octet ${at} of ${request.body.toString()}`);
        }
      }
      context.diagnostic(`${kind}: ${tried} changed bodies`);
      assert.equal(tried > 0, isSigned(kind));
    });

    test(
      "where a time is signed, it is refused outside of its window",
      { skip: kind in WINDOWS_S ? false : "this vendor signs no time" },
      async () => {
        let refused = 0;
        for (const { request, secrets, now } of all.flatMap((one) => signedOf(kind, one))) {
          if ((await answerTo(kind, request, secrets, now)).kind !== "events") continue;
          for (const shift of WINDOWS_S[kind]!) {
            assert.equal((await answerTo(kind, request, secrets, now + shift * 1000)).kind, "refused");
            refused += 1;
          }
        }
        assert.ok(refused >= 2);
      },
    );
  });
}

/** What is expected: a status, and the events; of some recordings only the events, of some nothing. */
function disagreementsOf({ expect }: RecordedWebhook, said: Line): (readonly [field: string, what: string])[] | null {
  if (expect.status === null && expect.events.length === 0) return null;
  const found: (readonly [string, string])[] = [];
  const isTaken = expect.status === null || expect.status === 200;
  if (isTaken !== (said.status === 200)) found.push(["status", `${said.status} (${said.reason})`]);
  if (said.events.length !== expect.events.length) return [...found, ["events", `${said.events.length}`]];
  for (const [n, event] of said.events.entries()) {
    const ours = { ...event, at: event.at === null ? null : Date.parse(event.at) };
    found.push(...different(ours, expect.events[n]!));
  }
  return found;
}

/** The others are known by the password in their address alone. */
const isSigned = (kind: NoticeKind): boolean =>
  !["brevo", "mailjet", "mailtrap", "postmark", "sparkpost"].includes(kind);

type Signed = { request: WebhookRequest; secrets: WebhookSecrets; now: number };
/** Those that a key proves, as of the time at which they were signed. */
function signedOf(kind: NoticeKind, one: RecordedWebhook): Signed[] {
  const recorded = RecordedRequest.parse(one);
  const request = requestOf(recorded);
  const now = timeOf(request) ?? NOW;
  if (kind === "ses") return signedAsSns(request);
  if (kind === "sendgrid") return [signedAsSendGrid(request)];
  return secretsIn(recorded.receiver_config)
    .filter(({ key }) => key !== null)
    .map((secrets) => ({ request, secrets, now }));
}

const SENDGRID_KEYS = generateKeyPairSync("ec", { namedCurve: "prime256v1" });

/** The recordings that SendGrid's key proves have texts for times: signed by another one. */
function signedAsSendGrid(request: WebhookRequest): Signed {
  const timestamp = String(NOW / 1000);
  const octets = Buffer.concat([Buffer.from(timestamp), request.body]);
  const { authorization: _, ...plain } = request.headers;
  const headers = {
    ...plain,
    [TIMESTAMP_HEADER]: timestamp,
    [SIGNATURE_HEADER]: sign("sha256", octets, SENDGRID_KEYS.privateKey).toString("base64"),
  };
  const key = SENDGRID_KEYS.publicKey.export({ format: "pem", type: "spki" }).toString();
  return { request: { ...request, headers }, secrets: { key, basic: null, topicArn: null }, now: NOW };
}

/** The recordings of SNS have no signature: given one by the lab's own Amazon. */
function signedAsSns(request: WebhookRequest): Signed[] {
  let given: Record<string, string>;
  try {
    given = JSON.parse(request.body.toString()) as Record<string, string>;
  } catch {
    return [];
  }
  const whole = { ...given, TopicArn: TOPIC, Timestamp: new Date(NOW).toISOString() };
  const { authorization: _, ...headers } = request.headers;
  const body = Buffer.from(JSON.stringify(signedBySns(whole, NOW)));
  return [{ request: { ...request, headers, body }, secrets: { key: null, basic: null, topicArn: TOPIC }, now: NOW }];
}

async function answerTo(
  kind: NoticeKind,
  request: WebhookRequest,
  secrets: WebhookSecrets,
  now: number,
): Promise<WebhookAnswer> {
  const certificate = (url: string) => Promise.resolve(sesCertificate(url, NOW));
  try {
    return await NOTICE_READERS[kind](request, secrets, { now, isNew: () => true, certificate });
  } catch (error) {
    // No certificate at that address: told to come again, which is not believed either.
    assert.match(String(error), /webhook-certificate-unavailable/);
    return { kind: "refused", status: 403, reason: "no certificate" };
  }
}

/** Mailgun signs a time and a token, and nothing of what happened; all others sign the whole. */
function covered(kind: NoticeKind, body: Buffer): readonly [from: number, to: number] {
  if (kind !== "mailgun") return [0, body.length];
  const text = body.toString("latin1");
  const block = /"signature"\s*:\s*\{[^}]*\}/.exec(text) ?? /name="token"\r\n\r\n[^\r]+/.exec(text);
  return block ? [block.index, block.index + block[0].length] : [0, 0];
}

function sampled([from, to]: readonly [number, number]): number[] {
  const step = Math.max(1, Math.floor((to - from) / SAMPLES));
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, n) => from + n * step);
}
