import type { InboxQuery } from "../reading/inbox-query.ts";
import type { LabState } from "../state.ts";
import { chart } from "./chart.ts";
import { html, type Html } from "./html.ts";
import { inboxCounts, inboxList } from "./inbox-list.ts";
import { layout } from "./layout.ts";
import { modeBadge, providerCard, providerFigures } from "./provider-panel.ts";

/** `origin`: the address the reader used, such as `http://127.0.0.1:8025`, for the lines to copy. */
export function inboxPageHtml(state: LabState, query: InboxQuery, origin: string): string {
  const providers = [...state.providers.values()];
  return layout({
    title: title(state),
    page: "inbox",
    styles: ["base", "inbox", "providers"],
    body: html`<a class="skip" href="#inbox">Skip to the inbox</a>
      <header class="top">
        <p class="brand">
          <a href="/lab">Postern <span>lab</span></a>
        </p>
        <p class="promise quiet">Nothing leaves this machine.</p>
        <p class="live quiet" data-state="off"><span data-text="live">not live</span></p>
      </header>
      <nav class="jump" aria-label="Providers">
        ${providers.map(
          (provider) =>
            html`<a href="#provider-${provider.name}"
              >${provider.name} <span data-live="mode-${provider.name}">${modeBadge(provider)}</span></a
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
          <div class="card" data-live="chart">${chart(providers)}</div>
          <noscript
            ><p class="hint">
              Without JavaScript this page does not move and cannot switch modes. By hand:
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
export function inboxPieces(state: LabState, query: InboxQuery, origin: string): Record<string, string> {
  const providers = [...state.providers.values()];
  const pieces: [name: string, piece: Html][] = [
    ["counts", inboxCounts(state)],
    ["list", inboxList(state, query, origin)],
    ["chart", chart(providers)],
    ...providers.flatMap((provider): [string, Html][] => [
      [`mode-${provider.name}`, modeBadge(provider)],
      [`figures-${provider.name}`, providerFigures(provider)],
    ]),
  ];
  return Object.fromEntries(pieces.map(([name, piece]) => [name, piece.text]));
}

export function title({ inbox }: LabState): string {
  const { unseen } = inbox.counts;
  return unseen > 0 ? `(${unseen}) Postern lab` : "Postern lab";
}
