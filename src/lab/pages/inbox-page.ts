import type { ShownAlert } from "../../alerts/index.ts";
import { carriersOf } from "../carrier.ts";
import type { InboxQuery } from "../reading/inbox-query.ts";
import type { LabState } from "../state.ts";
import { alertLines, alertsStrip } from "./alerts-strip.ts";
import { chart } from "./chart.ts";
import { html, type Html } from "./html.ts";
import { inboxCounts, inboxList } from "./inbox-list.ts";
import { layout, top } from "./layout.ts";
import { cardPieces, providerCard, stateBadge } from "./provider-panel.ts";

/** Beside the inbox: those the mail goes to first. The rest is a page away. */
const CARDS = 3;

/** `origin`: the address the reader used, such as `http://127.0.0.1:8025`, for the lines to copy. */
export function inboxPageHtml(
  state: LabState,
  query: InboxQuery,
  origin: string,
  alerts: readonly ShownAlert[],
): string {
  const all = carriersOf(state);
  const providers = all.slice(0, CARDS);
  return layout({
    title: title(state),
    page: "inbox",
    styles: ["base", "inbox", "providers"],
    body: html`<a class="skip" href="#inbox">Skip to the inbox</a>
      ${top("inbox", "live")} ${alertsStrip(alerts, state.clock.now())}
      <nav class="jump" aria-label="Providers">
        ${providers.map(
          (provider) =>
            html`<a href="#provider-${provider.name}"
              >${provider.name} <span data-live="state-${provider.name}">${stateBadge(provider)}</span></a
            >`,
        )}
      </nav>
      <div class="columns">
        <main id="inbox" aria-labelledby="inbox-title">
          <div class="bar">
            <h1 id="inbox-title">Inbox</h1>
            <p class="counts quiet" data-live="counts" role="status">${inboxCounts(state)}</p>
            <form class="search" action="/lab" method="get" role="search">
              <input
                type="search"
                name="q"
                value="${query.query}"
                placeholder="Search"
                aria-label="Search the inbox"
                maxlength="200"
                autocomplete="off"
              />
            </form>
            <button type="button" class="clear" data-act="clear">Clear</button>
          </div>
          <div data-live="list">${inboxList(state, query, origin)}</div>
          <p class="keys hint">
            <kbd>/</kbd> search, <kbd>j</kbd> <kbd>k</kbd> down and up, <kbd>Enter</kbd> open, <kbd>u</kbd> back
          </p>
        </main>
        <aside aria-labelledby="providers-title">
          <h2 id="providers-title">Providers</h2>
          <p class="hint">Make one fail: the mail takes the other way.</p>
          <p class="fault" role="alert" hidden></p>
          ${providers.map((provider, index) => providerCard(provider, index))}
          ${all.length > CARDS ? html`<p class="all"><a href="/lab/providers">All ${all.length} providers</a></p>` : null}
          <div class="card" data-live="chart">${chart(all)}</div>
          <noscript
            ><p class="hint">
              Without JavaScript this page does not move and cannot switch modes. From a terminal:
              <code
                >curl -X POST ${origin}/lab/providers/NAME/mode -H "Content-Type: application/json" -d
                '{"mode":"suspended"}'</code
              >
            </p></noscript
          >
        </aside>
      </div>`,
  });
}

/** The moving pieces by the name in their `data-live`, for lab.js to put in place. */
export function inboxPieces(
  state: LabState,
  query: InboxQuery,
  origin: string,
  alerts: readonly ShownAlert[],
): Record<string, string> {
  const providers = carriersOf(state);
  const pieces: [name: string, piece: Html][] = [
    ["alerts", alertLines(alerts, state.clock.now())],
    ["counts", inboxCounts(state)],
    ["list", inboxList(state, query, origin)],
    ["chart", chart(providers)],
    ...providers.flatMap(cardPieces),
  ];
  return Object.fromEntries(pieces.map(([name, piece]) => [name, piece.text]));
}

export function title({ inbox }: LabState): string {
  const { unseen } = inbox.counts;
  return unseen > 0 ? `(${unseen}) Postern lab` : "Postern lab";
}
