import type { LabMessage } from "../inbox.ts";
import type { MessageReading } from "../reading/message-reading.ts";
import { readable, summaryOf } from "../reading/summary.ts";
import { authenticationLine, type Receipt } from "../receiving/index.ts";
import { colourOf, dayTimeOf, plural, sizeText } from "./format.ts";
import { html, type Html } from "./html.ts";
import { labels } from "./inbox-list.ts";
import { layout } from "./layout.ts";

/** The page shows this much of the source; all of it is one link away. */
const SOURCE_BYTES = 64 * 1024;

export type MessageView = {
  message: LabMessage;
  reading: MessageReading;
  /** Index of the provider, for its colour. */
  provider: number;
  newer: number | null;
  older: number | null;
};

export function messagePageHtml(view: MessageView): string {
  const { message, reading } = view;
  const summary = summaryOf(message);
  const subject = summary.subject === "" ? "No subject" : summary.subject;
  return layout({
    title: `${subject} – Postern lab`,
    page: "reading",
    styles: ["base", "message"],
    body: html`<a class="skip" href="#message">Skip to the message</a>
      <header class="top">
        <p class="brand">
          <a href="/lab">Postern <span>lab</span></a>
        </p>
        <nav class="steps" aria-label="Messages">
          <a href="/lab" data-key="u">Inbox</a> ${step(view.newer, "Newer", "k")} ${step(view.older, "Older", "j")}
        </nav>
      </header>
      <main id="message">
        <h1>${subject}</h1>
        <dl class="facts">
          ${fact("From", summary.from === "" ? "<>" : summary.from)} ${fact("To", summary.to)}
          ${fact("Carried by", html`<span class="pill by ${colourOf(view.provider)}">${message.provider}</span> ${labels(summary)}`)}
          ${fact("Taken", html`${dayTimeOf(message.takenAt)}, ${sizeText(message.raw.length)}`)}
          ${message.receipt === null ? null : receiptFacts(message.receipt)}
          ${summary.spoolId === null ? null : fact("Postern id", html`<code>${summary.spoolId}</code>`)}
        </dl>
        ${reading.fault === null ? null : html`<p class="fault" role="alert">This message could not be taken apart (${reading.fault}). Its source is below.</p>`}
        ${sections(view)}
      </main>`,
  });
}

export const gonePageHtml = (sentence: string, back = { href: "/lab", name: "To the inbox" }): string =>
  layout({
    title: "Not here – Postern lab",
    page: "reading",
    styles: ["base", "message"],
    body: html`<header class="top">
        <p class="brand">
          <a href="/lab">Postern <span>lab</span></a>
        </p>
      </header>
      <main id="message">
        <h1>Not here</h1>
        <p>${sentence} <a href="${back.href}" data-key="u">${back.name}</a></p>
      </main>`,
  });

const step = (id: number | null, name: string, key: string): Html =>
  id === null
    ? html`<span class="off">${name}</span>`
    : html`<a href="/lab/messages/${id}" data-key="${key}">${name}</a>`;

const fact = (name: string, value: Html | string): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;

const receiptFacts = ({ client, authentication }: Receipt): Html[] => [
  fact("Checked", readable(authenticationLine(authentication))),
  fact("Received from", `${readable(client.helo)} [${client.address}], ${client.tls ?? "without TLS"}`),
];

function sections({ message, reading }: MessageView): Html[] {
  const { html: body, text, attachments, links, headers } = reading;
  const { id, raw, envelope } = message;
  return [
    body === null
      ? null
      : section(
          "HTML",
          "",
          true,
          html`<iframe
              class="frame"
              sandbox=""
              src="/lab/messages/${id}/html"
              title="HTML of the message"
              referrerpolicy="no-referrer"
            ></iframe>
            <p class="hint">
              Shown without scripts, without anything loaded from elsewhere, and with links switched off.
            </p>`,
        ),
    text === null ? null : section("Text", "", true, html`<pre class="text">${text}</pre>`),
    links.length === 0
      ? null
      : section(
          "Links",
          String(links.length),
          true,
          html`<ul class="links">
            ${links.map((link) => html`<li><a href="${link}" target="_blank" rel="noopener noreferrer">${link}</a></li>`)}
          </ul>`,
        ),
    attachments.length === 0
      ? null
      : section(
          "Attachments",
          String(attachments.length),
          true,
          html`<ul class="attachments">
            ${attachments.map(
              (part, index) =>
                html`<li>
                  <a href="/lab/messages/${id}/attachments/${index + 1}" download>${part.name}</a>
                  <span class="quiet">${part.type}, ${sizeText(part.sizeBytes)}</span>
                </li>`,
            )}
          </ul>`,
        ),
    section(
      "Envelope",
      plural(envelope.recipients.length, "recipient"),
      false,
      html`<table>
        <tbody>
          <tr>
            <th scope="row">MAIL FROM</th>
            <td>&lt;${envelope.returnPath}&gt; ${envelope.parameters.join(" ")}</td>
          </tr>
          ${envelope.recipients.map(
            ({ address, parameters }) =>
              html`<tr>
                <th scope="row">RCPT TO</th>
                <td>&lt;${address}&gt; ${parameters.join(" ")}</td>
              </tr>`,
          )}
        </tbody>
      </table>`,
    ),
    section(
      "Headers",
      String(headers.length),
      false,
      html`<table>
        <tbody>
          ${headers.map(
            ({ name, value }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${value}</td>
              </tr>`,
          )}
        </tbody>
      </table>`,
    ),
    section(
      "Source",
      sizeText(raw.length),
      reading.fault !== null,
      html`<pre class="source">${raw.toString("utf8", 0, SOURCE_BYTES)}</pre>
        <p class="hint">
          ${raw.length > SOURCE_BYTES ? `The first ${sizeText(SOURCE_BYTES)}. ` : null}<a href="/lab/messages/${id}/raw"
            >All of it as text</a
          >
        </p>`,
    ),
  ].filter((one) => one !== null);
}

const section = (name: string, note: string, open: boolean, content: Html): Html =>
  open
    ? html`<details class="card part" open>
        <summary>
          <h2>${name}</h2>
          <span class="note quiet">${note}</span>
        </summary>
        ${content}
      </details>`
    : html`<details class="card part">
        <summary>
          <h2>${name}</h2>
          <span class="note quiet">${note}</span>
        </summary>
        ${content}
      </details>`;
