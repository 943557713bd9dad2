import { type ShownAlert, titleOf } from "../../alerts/index.ts";
import { MINUTE_MS } from "../../kernel/index.ts";
import { plural, timeOf } from "./format.ts";
import { html, type Html } from "./html.ts";

/** What is over stays to be seen this long. */
const OVER_SHOWN_MS = 5 * MINUTE_MS;
const MOST = 3;

/** Above both pages: what people would be told at this moment. Empty while all is quiet. */
export const alertsStrip = (alerts: readonly ShownAlert[], now: number): Html =>
  html`<section class="strip" aria-label="Alerts" aria-live="polite" data-live="alerts">
    ${alertLines(alerts, now)}
  </section>`;

/** The lines of it. What nobody has taken on first. */
export function alertLines(alerts: readonly ShownAlert[], now: number): Html {
  const open = alerts.filter(({ resolvedAt }) => resolvedAt === null);
  const over = alerts.filter(({ resolvedAt }) => resolvedAt !== null && now - resolvedAt < OVER_SHOWN_MS);
  const shown = [...open.toSorted((a, b) => rankOf(a) - rankOf(b)), ...over];
  return html`${shown.slice(0, MOST).map(line)}${
    shown.length > MOST
      ? html`<p class="quiet">
          and ${plural(shown.length - MOST, "more alert")}: <code>npm run -s postern -- alerts list</code>
        </p>`
      : null
  }`;
}

const rankOf = ({ severity, acknowledgedAt }: ShownAlert): number =>
  (acknowledgedAt === null ? 0 : 2) + (severity === "page" ? 0 : 1);

function line(alert: ShownAlert): Html {
  const { id, severity, at, sentence, acknowledgedBy, resolvedAt } = alert;
  const tone = resolvedAt !== null ? "good" : severity === "page" ? "bad" : "odd";
  const mark = resolvedAt !== null ? "over" : severity === "page" ? "page" : "notice";
  return html`<div class="alert ${tone}">
    <p>
      <span class="pill mode ${tone}">${mark}</span> <strong>${titleOf(alert)}</strong>
      <span class="quiet">since ${timeOf(at)}</span>
    </p>
    ${resolvedAt === null ? html`<p>${sentence}</p>` : null}
    ${
      resolvedAt === null && severity === "page"
        ? acknowledgedBy === null
          ? html`<p class="quiet">To take it on: <code>npm run -s postern -- alerts ack ${id} --operator you</code></p>`
          : html`<p class="quiet">${acknowledgedBy} has it.</p>`
        : null
    }
  </div>`;
}
