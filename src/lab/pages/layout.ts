import { html, type Html } from "./html.ts";

export type Page = { title: string; page: "inbox" | "reading"; styles: readonly string[]; body: Html };

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
