import type { SmtpProviderSettings } from "../../src/config/index.ts";
import { Secret, silentLog, systemClock } from "../../src/kernel/index.ts";
import { createProvider } from "../../src/providers/index.ts";
import { line, type Script, startScriptedServer } from "../support/scripted-smtp-server.ts";
import { smtpSettings } from "../support/smtp-settings.ts";
import { providerContract, type Situation, type Twin } from "./provider-contract.ts";

const QUICKLY = { connectTimeoutMs: 200, replyTimeoutMs: 200, dataEndTimeoutMs: 200 };
const LOGIN = { auth: { username: "app", password: new Secret("correct horse") } };
const WITH_AUTH = { offers: ["PIPELINING", "AUTH PLAIN LOGIN"] };

type Scene = {
  script: Partial<Script>;
  settings?: Partial<SmtpProviderSettings>;
  implicitTls?: boolean;
  gone?: boolean;
};

/** How an SMTP server gets into each situation: real texts where one is documented (src/providers/smtp/outcomes.ts). */
const SCENES: Record<Situation, Scene> = {
  accepted: { script: {} },
  "recipient unknown": { script: { rcpt: () => line("550 5.1.1 <rcpt0@example.net>: User unknown") } },
  "one of two recipients refused": {
    script: { rcpt: (command) => line(command.includes("rcpt1@") ? "550 5.1.1 User unknown" : "250 2.1.5 Ok") },
  },
  "rate limited": { script: { mail: () => line("454 Throttling failure: Maximum sending rate exceeded.") } },
  "account suspended, said at the login": {
    script: { ...WITH_AUTH, auth: () => line("535 5.7.8 Your account has been suspended") },
    settings: LOGIN,
  },
  "account suspended, said of the sender": { script: { mail: () => line("550 5.7.1 Account suspended") } },
  "account suspended, said of the recipient": {
    script: { rcpt: () => line("552 Unable to send: account has been suspended") },
  },
  "account suspended, said before the text": { script: { data: () => line("554 5.7.1 Sending suspended") } },
  "account suspended, said after the text": {
    script: { text: () => line("554 Message rejected: Sending suspended for this account.") },
  },
  "wrong password": {
    script: { ...WITH_AUTH, auth: () => line("535 Authentication Credentials Invalid") },
    settings: LOGIN,
  },
  "accepted, then closed": { script: { text: () => line("250 2.0.0 Ok: queued as Q1", "close") } },
  "closed without an answer to the text": { script: { text: () => "close" } },
  "no answer to the text": { script: { text: () => "hang" }, settings: QUICKLY },
  "unreadable answer to the text": { script: { text: () => line("OK, thank you") } },
  "no greeting": { script: { greeting: "hang" }, settings: QUICKLY },
  "closed before the text": { script: { data: () => "close" } },
  "connection refused": { script: {}, gone: true },
  "TLS not offered": { script: {}, settings: { tls: "starttls" } },
  "certificate not to be trusted": { script: {}, settings: { tls: "implicit" }, implicitTls: true },
  "unreadable answer before the text": { script: { mail: () => ({ say: "HTTP/1.1 400 Bad Request\r\n\r\n" }) } },
  "endless answer": { script: { mail: () => ({ say: `250-${"x".repeat(70)}\r\n`.repeat(1_000) }) } },
  "answer that carries lines of its own": {
    script: {
      rcpt: () => ({ say: `550-5.1.1 rcpt0@example.net\u001b[31m\u2028X-Evil: 1\r\n550 5.1.1 ${"é".repeat(900)}\r\n` }),
    },
  },
  "text refused": { script: { text: () => line("554 5.6.0 Message content is not acceptable") } },
  "not now, after the text": { script: { text: () => line("451 4.3.0 Try later") } },
  "too large": { script: { offers: ["PIPELINING", "SIZE 20"] } },
  "queued, but suspended": { script: { text: () => line("250 2.0.0 Ok: queued as Q1; account suspended") } },
  "queued, but paused": { script: { text: () => line("250 Ok queued (sending paused for this domain)") } },
  "a success nobody knows": { script: { text: () => line("290 Perhaps") } },
};

async function makeTwin(situation: Situation): Promise<Twin> {
  const { script, settings = {}, implicitTls = false, gone = false } = SCENES[situation];
  const server = await startScriptedServer(script, { implicitTls });
  if (gone) await server.close();
  const provider = createProvider(smtpSettings(server.port, settings), {
    clock: systemClock,
    log: silentLog,
    hostname: "postern.example",
  });
  return {
    provider,
    taken: () => server.messages.map((message) => message.raw),
    stop: () => (gone ? Promise.resolve() : server.close()),
  };
}

providerContract("smtp", makeTwin);
