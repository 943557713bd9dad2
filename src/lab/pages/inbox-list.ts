import type { LabState } from "../state.ts";
import { inboxPage, type InboxQuery } from "../reading/inbox-query.ts";
import type { Summary } from "../reading/summary.ts";
import { dmarcLabel, type Receipt } from "../receiving/index.ts";
import { colourOf, countText, plural, timeOf } from "./format.ts";
import { html, type Html } from "./html.ts";

/** How much is here, in a line of text. */
export function inboxCounts({ inbox }: LabState): Html {
  const { messages, unseen } = inbox.counts;
  return html`${plural(messages, "message")}${unseen > 0 ? html`, <strong>${countText(unseen)} unread</strong>` : null}`;
}

/** The list, or what to do where there is none. */
export function inboxList(state: LabState, query: InboxQuery, origin: string): Html {
  const { messages: held, dropped } = state.inbox.counts;
  if (held === 0) return emptyInbox(origin);
  const page = inboxPage(state.inbox, query);
  if (page.messages.length === 0)
    return html`<p class="card nothing">No message matches. <a href="/lab">Show all</a></p>`;
  const providers = state.names;
  const oldest = page.messages.at(-1)!.id;
  return html`<ol class="card messages">
      ${page.messages.map((message) => row(message, providers.indexOf(message.provider)))}
    </ol>
    <footer class="more">
      ${query.before === null ? null : html`<a href="${address(query.query, null)}">Newest</a>`}
      ${page.more ? html`<a href="${address(query.query, oldest)}">Older</a>` : null}
    </footer>
    ${dropped > 0 ? html`<p class="hint">${plural(dropped, "older message was", "older messages were")} dropped: the inbox keeps the newest 2,000, at most 64 MiB.</p>` : null}`;
}

const row = (message: Summary, provider: number): Html =>
  html`<li>
    <a class="message${message.seen ? "" : " unread"}" id="message-${message.id}" href="/lab/messages/${message.id}">
      <span class="dot">${message.seen ? null : html`<span class="sr">Unread</span>`}</span>
      <span class="subject">${message.subject === "" ? html`<em>No subject</em>` : message.subject}</span>
      <span class="people quiet"
        ><span class="from">${message.from === "" ? "<>" : message.from}</span>
        <span class="arrow" aria-label="to">→</span> <span class="to">${message.to}</span></span
      >
      <span class="labels"
        >${labels(message)}${dmarcPill(message.authentication)}<span class="pill by ${colourOf(provider)}"
          >${message.provider}</span
        ></span
      >
      <span class="when quiet">${timeOf(message.takenAt)}</span>
    </a>
  </li>`;

export const labels = ({ stream, messageClass }: Pick<Summary, "stream" | "messageClass">): Html[] =>
  [messageClass, stream].filter((label) => label !== null).map((label) => html`<span class="pill">${label}</span>`);

function dmarcPill(authentication: Receipt["authentication"] | null): Html | null {
  const label = dmarcLabel(authentication);
  return label === null
    ? null
    : html`<span class="pill ${label === "DMARC pass" ? "passed" : "failed"}">${label}</span>`;
}

function address(query: string, before: number | null): string {
  const search = new URLSearchParams();
  if (query !== "") search.set("q", query);
  if (before !== null) search.set("before", String(before));
  return search.size === 0 ? "/lab" : `/lab?${search}`;
}

const emptyInbox = (origin: string): Html =>
  html`<div class="card empty">
    <h3>Nothing here yet</h3>
    <p>
      Send your first message: the terminal that runs Postern shows lines for <code>curl</code>, <code>swaks</code> and
      nodemailer to paste as they are. With the key shown there:
    </p>
    <pre><code>curl ${origin}/v1/messages \\
  -H "Authorization: Bearer <mark>KEY FROM THE TERMINAL</mark>" \\
  -H "Content-Type: application/json" \\
  -d '{"from":"hello@lab.test","to":["you@example.com"],
       "subject":"It works","text":"My first message."}'</code></pre>
    <p>
      It arrives here at once. Then open the mode menu of the provider that carried it, choose <em>Suspended</em>, send
      again, and see the other one take over.
    </p>
  </div>`;
