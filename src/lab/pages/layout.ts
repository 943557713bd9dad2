import { html, type Html } from "./html.ts";

export type Page = {
  title: string;
  page: "inbox" | "reading" | "providers" | "insider" | "assurance";
  styles: readonly string[];
  body: Html;
};

/** One whole page. Nothing in it is inline: the pages' policy would not run it. */
export const layout = ({ title, page, styles, body }: Page): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="/lab/assets/icon.svg" type="image/svg+xml" />
        ${styles.map((style) => html`<link rel="stylesheet" href="/lab/assets/${style}.css" />`)}
        <script src="/lab/assets/lab.js" defer></script>
      </head>
      <body class="${page}">
        ${body}
      </body>
    </html> `.toString();

/** The bar on top. `live`: the page follows what happens. */
export const top = (here: "inbox" | "providers" | "assurance", live?: "live"): Html =>
  html`<header class="top">
    <p class="brand">
      <a href="/lab">Postern <span>lab</span></a>
    </p>
    <nav class="site" aria-label="Pages">
      ${PAGES.map(([name, address, label]) =>
        name === here
          ? html`<a href="${address}" aria-current="page">${label}</a>`
          : html`<a href="${address}">${label}</a>`,
      )}
    </nav>
    <p class="promise quiet">Nothing leaves this machine.</p>
    ${live ? html`<p class="live quiet" data-state="off"><span data-text="live">not live</span></p>` : null}
  </header>`;

const PAGES = [
  ["inbox", "/lab", "Inbox"],
  ["providers", "/lab/providers", "Providers"],
  ["assurance", "/lab/assurance", "Assurance"],
] as const;
