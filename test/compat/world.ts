import { setTimeout as sleep } from "node:timers/promises";
import { newRig } from "../crash/rig.ts";
import { freshDatabase } from "../support/postgres.ts";

/** Keys of the shapes the vendors' clients insist on: all are credentials of one tenant. */
export const KEYS = {
  plain: "key_0123456789abcdef",
  sendgrid: "SG.0123456789abcdef0123.0123456789abcdef0123456789abcdef0123456789a",
  resend: "re_0123456789abcdef0123",
  smtp: { username: "acme-app", password: "password_0123456789" },
  aws: { accessKeyId: "ACMEAPP", secretAccessKey: "secret_0123456789abcdef" },
} as const;
const RECEIVED_MS = 10_000;
/** The one domain that tenant may write from. */
export const DOMAIN = "account.acme.example";

export type CompatWorld = {
  /** http://127.0.0.1:port, without a slash. */
  url: string;
  /** Host and port. */
  host: string;
  /** The port of the SMTP door. */
  smtp: number;
  /** As if the provider had told it by webhook (src/observe): the row that is written then, of the message's first recipient. */
  told(spoolId: string, kind: string, detail?: Record<string, unknown>): Promise<void>;
  /** The newest message the provider took for an address, once it has one; give each test an address of its own. */
  received(address: string): Promise<string>;
  end(): Promise<void>;
};

/** The whole program in a process of its own, with a provider that takes everything: what applications will meet. */
export async function startCompatWorld(): Promise<CompatWorld> {
  const place = await freshDatabase();
  const rig = newRig({
    RIG_DATABASE: place.url,
    RIG_PLAIN: KEYS.plain,
    RIG_SENDGRID: KEYS.sendgrid,
    RIG_RESEND: KEYS.resend,
    RIG_AWS: KEYS.aws.secretAccessKey,
    RIG_PASSWORD: KEYS.smtp.password,
  });
  const end = async (): Promise<void> => {
    await rig.end();
    await place.drop();
  };
  try {
    const sink = await rig.sink();
    const node = await rig.start(
      rig.configure(`
listen: { smtp: 127.0.0.1:0, http: 127.0.0.1:0 }
data: ./data
database: { url: env:RIG_DATABASE }
bodyKey: env:RIG_KEY
tenants:
  - name: acme
    domains: [${DOMAIN}]
    credentials:
      - { name: plain, apiKey: env:RIG_PLAIN }
      - { name: smtp, username: ${KEYS.smtp.username}, password: env:RIG_PASSWORD }
      - { name: sendgrid, apiKey: env:RIG_SENDGRID }
      - { name: resend, apiKey: env:RIG_RESEND }
      - { name: aws, aws: { accessKeyId: ${KEYS.aws.accessKeyId}, secretAccessKey: env:RIG_AWS } }
    streams: [{ name: confirmations, class: C2 }, { name: secrets, class: C0 }]
    defaultStream: confirmations
    webhooks:
      - { name: told, url: "https://hooks.acme.example/mandrill?token=t", format: mandrill, secret: env:RIG_KEY, events: [message.complained] }
      - { name: mailgun, url: "https://hooks.acme.example/mailgun", format: mailgun, secret: env:RIG_KEY, events: [message.unsubscribed] }
    routes: { default: { prefer: [sink] } }
providers:
  - { name: sink, kind: smtp, ownerGroup: sink, host: 127.0.0.1, port: ${sink.smtp}, tls: none, activityUrl: "http://127.0.0.1:${sink.http}/activity" }
`),
    );
    const told: CompatWorld["told"] = async (spoolId, kind, detail = {}) => {
      await place.database.query(
        "INSERT INTO message_events (spool_id, tenant, kind, at, detail, notify) VALUES ($1, 'acme', $2, clock_timestamp(), $3, false)",
        [spoolId, kind, { recipients: [0], provider: "sink", ...detail }],
      );
    };
    const received = async (address: string): Promise<string> => {
      for (const deadline = Date.now() + RECEIVED_MS; Date.now() < deadline; await sleep(20)) {
        const answer = await fetch(`http://127.0.0.1:${sink.http}/newest?to=${encodeURIComponent(address)}`);
        const { raw } = (await answer.json()) as { raw: string | null };
        if (raw !== null) return raw;
      }
      throw new Error(`the provider got nothing for ${address}`);
    };
    return {
      told,
      received,
      url: `http://127.0.0.1:${node.http}`,
      host: `127.0.0.1:${node.http}`,
      smtp: node.smtp,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}
