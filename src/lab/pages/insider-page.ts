import { decodeWords } from "postal-mime";
import { ACTS } from "../insider-acts.ts";
import type { LabTwin } from "../lab-twin.ts";
import { readable } from "../reading/summary.ts";
import type { AccountThing, SentMessage } from "../twins/index.ts";
import { dayTimeOf, plural } from "./format.ts";
import { html, type Html } from "./html.ts";
import { layout, top } from "./layout.ts";
import { VENDORS } from "./provider-panel.ts";

/** A console shows a page of its log. */
const SENT_SHOWN = 100;
const SOURCE_CHARACTERS = 16 * 1024;

/** What somebody sees who has the vendor's console: all mail with its text, and every setting of the account. */
export function insiderPageHtml(twin: LabTwin): string {
  const { name, kind, account } = twin;
  const sent = account.sent.slice(-SENT_SHOWN).toReversed();
  return layout({
    title: `Insider at ${name} – Postern lab`,
    page: "insider",
    styles: ["base", "message", "insider"],
    body: html`<a class="skip" href="#insider">Skip to the console</a>
      ${top("providers")}
      <main id="insider">
        <h1>Insider at ${name}</h1>
        <p class="hint">
          What an employee of ${VENDORS[kind] ?? kind}, or whoever has your password there, can do with your account.
          What is changed here stays in the account, where Postern's checks can find it.
          <a href="/lab/providers#provider-${name}" data-key="u">To the providers</a>
        </p>
        <p class="fault" role="alert" hidden></p>
        <section class="card" aria-labelledby="sent-title">
          <h2 id="sent-title">Sent</h2>
          <p class="quiet">
            ${
              sent.length === 0
                ? "Nothing was sent through this account yet."
                : `${plural(account.sent.length, "message")} with all that is in them${account.sent.length > SENT_SHOWN ? `; the newest ${SENT_SHOWN} are here` : ""}.`
            }
          </p>
          ${sent.map(sentMessage)}
        </section>
        <div class="acts">${Object.keys(ACTS).map((act) => actForm(name, act))}</div>
        <section class="card" aria-labelledby="account-title">
          <h2 id="account-title">What the account holds</h2>
          <div class="holds">
            ${KINDS.map(([kindOf, title]) => things(title, [...account.things(kindOf).values()]))}
          </div>
        </section>
      </main>`,
  });
}

const KINDS = [
  ["sender", "Senders"],
  ["domain", "Domains"],
  ["key", "Keys"],
  ["webhook", "Webhooks"],
  ["suppression", "Suppressions"],
  ["export", "Exports"],
] as const;

const sentMessage = ({ at, from, recipients, subject, state, by, raw, outgoing, fields }: SentMessage): Html =>
  html`<details class="sent">
    <summary>
      <span class="what">${subject === "" ? "No subject" : readable(decodeWords(subject))}</span>
      ${by === "insider" ? html`<span class="pill mode bad">by the insider</span>` : null}
      ${state === "sent" ? null : html`<span class="pill mode odd">${state}</span>`}
      <span class="quiet"
        >${readable(from)} <span aria-label="to">→</span> ${readable(recipients.join(", "))}, ${dayTimeOf(at)}</span
      >
    </summary>
    <pre class="source">
${(raw || outgoing ? (outgoing ?? raw)!.toString("utf8") : JSON.stringify(fields, null, 2)).slice(0, SOURCE_CHARACTERS)}</pre>
  </details>`;

const FIELD_LABELS: Readonly<Record<string, string>> = {
  email: "Address",
  keyName: "Name of the key",
  url: "Web address",
  from: "From",
  to: "To",
  subject: "Subject",
  text: "Text",
};

/** Reading is what this page does already; the rest changes the account. */
function actForm(name: string, act: string): Html | null {
  const { label, explains, fields } = ACTS[act]!;
  if (act === "read-sent") return null;
  return html`<form class="card act" data-insider="/lab/providers/${name}/insider/${act}">
    <h3>${label}</h3>
    <p class="quiet">${explains}</p>
    ${fields.map(
      (field) =>
        html`<label for="${act}-${field}">${FIELD_LABELS[field] ?? field}</label> ${
            field === "text"
              ? html`<textarea id="${act}-${field}" name="${field}" rows="3" required maxlength="8000"></textarea>`
              : html`<input
                  id="${act}-${field}"
                  name="${field}"
                  type="${field === "url" ? "url" : "text"}"
                  required
                  maxlength="300"
                  autocomplete="off"
                />`
          }`,
    )}
    <button type="submit">${label}</button>
    <output></output>
  </form>`;
}

const things = (title: string, found: readonly AccountThing[]): Html =>
  html`<div>
    <h3>${title}</h3>
    ${
      found.length === 0
        ? html`<p class="quiet">None.</p>`
        : html`<ul class="things">
            ${found.map((thing) => html`<li>${thingText(thing)}</li>`)}
          </ul>`
    }
  </div>`;

/** The id and what a list in a console shows beside it; never a key's secret. */
function thingText(thing: AccountThing): Html {
  const shown = ["name", "domain", "email", "url", "reason", "description", "state"].flatMap((field) => {
    const value = thing[field];
    return typeof value === "string" && value !== thing.id && value !== "" ? [value] : [];
  });
  const at = thing["at"];
  return html`${readable(thing.id)}
    <span class="quiet">${readable(shown.join(", "))}${typeof at === "number" ? html` ${dayTimeOf(at)}` : null}</span>`;
}
