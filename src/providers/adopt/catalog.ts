import type { ApiKind, ApiProviderSettings } from "../../config/index.ts";
import { MINUTE_MS } from "../../kernel/index.ts";
import { callerFor, type HttpCaller } from "../http.ts";
import { readMailgun } from "../mailgun/adopt.ts";
import { BASE_URLS as MAILGUN } from "../mailgun/index.ts";
import { readMandrill } from "../mandrill/adopt.ts";
import { OWN_BASE_URL as MANDRILL } from "../mandrill/api.ts";
import { readPostmark } from "../postmark/adopt.ts";
import { OWN_BASE_URL as POSTMARK } from "../postmark/index.ts";
import { readResend } from "../resend/adopt.ts";
import { BASE_URL as RESEND } from "../resend/index.ts";
import { readSendgrid } from "../sendgrid/adopt.ts";
import { BASE_URL as SENDGRID } from "../sendgrid/index.ts";
import { readSes } from "../ses/adopt.ts";
import { SesApi } from "../ses/api.ts";
import { baseUrlOf, keyIn } from "../ses/index.ts";
import type { AccountReading } from "./items.ts";
import { LONG_ANSWER_OCTETS, type ReadingParts } from "./reading.ts";

export type Connect = (ownBaseUrl: string) => HttpCaller;
type AccountReader = (
  settings: ApiProviderSettings,
  connect: Connect,
  parts: ReadingParts,
) => AsyncGenerator<AccountReading>;

const READERS: Readonly<Record<ApiKind, AccountReader>> = {
  mandrill: (settings, connect, parts) => readMandrill(connect(MANDRILL), keyOf(settings), parts),
  sendgrid: ({ readKey, apiKey }, connect, parts) => readSendgrid(connect(SENDGRID), readKey ?? apiKey, parts),
  postmark: ({ apiKey, readKey }, connect, parts) =>
    readPostmark(connect(POSTMARK), { server: apiKey.reveal(), account: readKey?.reveal() ?? null }, parts),
  mailgun: (settings, connect, parts) =>
    readMailgun(connect(MAILGUN[settings.region ?? "us"] ?? ""), settings.domain ?? "", keyOf(settings), parts),
  resend: (settings, connect, parts) => readResend(connect(RESEND), keyOf(settings), parts),
  ses({ region, accessKeyId, apiKey, readKey, baseUrl }, connect, parts) {
    const own = baseUrlOf(region ?? "");
    const key = keyIn(readKey?.reveal()) ?? { accessKeyId: accessKeyId ?? "", secretAccessKey: apiKey.reveal() };
    const place = { region: region ?? "", baseUrl: baseUrl ?? own };
    return readSes(new SesApi(connect(own), place, key, parts.clock), region ?? "", parts);
  },
};

const keyOf = ({ readKey, apiKey }: ApiProviderSettings): string => (readKey ?? apiKey).reveal();

/**
 * What an account holds, part by part and page by page. Nothing in it is changed.
 * @throws Problem `provider-misconfigured` for settings no call could work with.
 */
export async function* readAccount(settings: ApiProviderSettings, parts: ReadingParts): AsyncGenerator<AccountReading> {
  // Pages of lists take longer than a hand-off may, and one connection is what a person's question may take of an account's pace.
  const patient = { ...settings, connections: 1, replyTimeoutMs: Math.max(settings.replyTimeoutMs, MINUTE_MS) };
  const callers: HttpCaller[] = [];
  const connect: Connect = (ownBaseUrl) => {
    const caller = callerFor(patient, ownBaseUrl, parts.clock, { answerOctets: LONG_ANSWER_OCTETS });
    callers.push(caller);
    return caller;
  };
  try {
    yield* READERS[settings.kind](patient, connect, parts);
  } finally {
    await Promise.all(callers.map((caller) => caller.close(0)));
  }
}
