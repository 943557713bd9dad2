import type { Address, LabCredentials } from "../config/index.ts";
import { type Paint, paintFor } from "./paint.ts";
import { padEnd, wrap } from "./text.ts";

export type FirstRun = {
  http: Address;
  smtp: Address;
  credentials: LabCredentials;
  color: boolean;
  /** Columns; running text is wrapped to at most 80, lines to paste stay as they are. */
  width: number;
};

/** The start of a postern.yaml that works once its values are filled in (first-run.test.ts loads it). */
export const SAMPLE_CONFIGURATION = `tenants:
  - name: acme
    domains: [acme.example]
    credentials:
      - { name: app, username: acme, password: env:ACME_PASSWORD }
    streams: [{ name: alerts, class: C2 }]
    routes: { default: { prefer: [north], standby: [south] } }
providers:
  - { name: north, kind: smtp, ownerGroup: north,
      host: smtp.north.example, port: 587, tls: starttls,
      auth: { username: acme, password: env:NORTH_PASSWORD } }
  - { name: south, kind: smtp, ownerGroup: south,
      host: smtp.south.example, port: 587, tls: starttls,
      auth: { username: acme, password: env:SOUTH_PASSWORD } }`;

/** What a stranger sees after `npm start` without a configuration: what runs, and lines to paste that work as they are. */
export function firstRunText({ http, smtp, credentials, color, width }: FirstRun): string {
  const paint = paintFor(color, {});
  const columns = Math.min(width, 80);
  const site = `http://${addressText(http)}`;
  const door = addressText(smtp);
  const { username, password, apiKey } = credentials;
  return [
    "",
    `${paint.strong("Postern runs in lab mode.")} Nothing leaves this machine.`,
    "",
    ...facts(paint, [
      ["See the mail", paint.strong(`${site}/lab`)],
      ["Send by HTTP", `${site}/v1/messages`],
      ["Send by SMTP", `${door}, user ${username}`],
      ["Providers", "mandrill first, then harbour and six more, all part of the lab"],
    ]),
    "",
    ...section(paint, columns, "Send a message", "In another terminal; each works as it is."),
    ...command(paint, "curl", [
      `curl ${site}/v1/messages \\`,
      `  -H 'Authorization: Bearer ${apiKey}' \\`,
      `  -H 'Content-Type: application/json' \\`,
      `  -d '{"from":"hello@lab.test", "to":["you@example.com"],`,
      `       "subject":"It works", "text":"Sent with curl."}'`,
    ]),
    ...command(paint, "swaks", [
      `swaks --server ${door} --auth PLAIN \\`,
      `  --auth-user ${username} --auth-password ${password} \\`,
      `  --from hello@lab.test --to you@example.com \\`,
      `  --header 'Subject: It works' --body 'Sent with swaks.'`,
    ]),
    ...command(paint, "nodemailer, in Postern's folder", [
      `node -e "require('nodemailer')`,
      `  .createTransport('smtp://${username}:${password}@${door}')`,
      `  .sendMail({ from: 'hello@lab.test', to: 'you@example.com',`,
      `    subject: 'It works', text: 'Sent with nodemailer.' })`,
      `  .then((sent) => console.log(sent.response))"`,
    ]),
    "",
    ...section(
      paint,
      columns,
      "See it survive",
      `Open ${site}/lab, switch mandrill to Suspended, and send again: harbour carries the mail.`,
    ),
    "",
    ...section(
      paint,
      columns,
      "Use your own providers",
      "Write postern.yaml here, check it with npm run -s postern -- doctor, and start again. It says at least:",
    ),
    ...indented(SAMPLE_CONFIGURATION.split("\n"), 4),
    "",
    ...section(paint, columns, "Stop", "Ctrl-C. What was accepted is kept, and goes on at the next start."),
    "",
    `Mail you send now arrives at ${paint.strong(`${site}/lab`)}`,
    "",
  ]
    .map((line) => line.trimEnd())
    .join("\n");
}

const facts = (paint: Paint, rows: readonly (readonly [name: string, fact: string])[]): string[] =>
  rows.map(([name, fact]) => `  ${paint.quiet(padEnd(name, 14))}${fact}`);

const section = (paint: Paint, columns: number, title: string, text: string): string[] => [
  paint.strong(title),
  ...indented(wrap(text, columns - 2), 2),
];

const command = (paint: Paint, name: string, lines: readonly string[]): string[] => [
  "",
  `  ${paint.quiet(name)}`,
  ...indented(lines, 4),
];

const indented = (lines: readonly string[], columns: number): string[] =>
  lines.map((line) => `${" ".repeat(columns)}${line}`);

const addressText = ({ host, port }: Address): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;
