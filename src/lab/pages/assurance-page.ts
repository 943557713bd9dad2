import type { Assurance, ProviderAssurance, StreamAssurance } from "../../slo/index.ts";
import { latencyLines, mailBars, meter, standingStrip, toneOf, tookText } from "./assurance-charts.ts";
import { countText, plural, timeOf } from "./format.ts";
import { html, type Html } from "./html.ts";
import { layout, top } from "./layout.ts";

export type AssuranceShown = { assurance: Assurance; silence: ReadonlyMap<string, number> } | null;

/** Whether promises are kept, and how providers stand: what moves when one fails. */
export function assurancePageHtml(shown: AssuranceShown): string {
  const { streams, providers } = assurancePieces(shown);
  return layout({
    title: ASSURANCE_TITLE,
    page: "assurance",
    styles: ["base", "assurance"],
    body: html`<a class="skip" href="#streams">Skip to the streams</a>
      ${top("assurance", "live")}
      <main>
        <h1>Assurance</h1>
        <p class="fault" role="alert" hidden></p>
        <section aria-labelledby="streams-title" id="streams">
          <h2 id="streams-title">What is promised</h2>
          <div class="cards" data-live="streams">${streams}</div>
        </section>
        <section aria-labelledby="providers-title">
          <h2 id="providers-title">Who carries it</h2>
          <div class="cards" data-live="providers">${providers}</div>
        </section>
        <p class="hint">
          Mail of the last two to three minutes is still on its way, and counted afterwards. From a terminal:
          <code>npm run -s postern -- slo</code>. To see it move:
          <code>npm run -s postern -- lab fault mandrill accept-then-drop</code>
        </p>
      </main>`,
  });
}

export const ASSURANCE_TITLE = "Assurance – Postern lab";

export function assurancePieces(shown: AssuranceShown): { streams: Html; providers: Html } {
  if (!shown) {
    const wait = html`<p class="quiet whole">Postern is about to start.</p>`;
    return { streams: wait, providers: wait };
  }
  const { assurance, silence } = shown;
  const { at, countedAt, streams, providers } = assurance;
  const before =
    countedAt === null
      ? html`<p class="quiet whole">Mail is counted once a minute; nothing was counted yet.</p>`
      : null;
  return {
    streams: html`${before}${streams.map((one) => streamCard(one, at))}`,
    providers: html`${providers.map((one, index) => providerCard(one, index, at, silence.get(one.provider) ?? null))}`,
  };
}

function streamCard(one: StreamAssurance, now: number): Html {
  const { stream, class: messageClass, objective, kept, hour } = one;
  const { good, total } = kept.share;
  const tone = kept.budgetLeft >= 0.5 ? "good" : kept.budgetLeft >= 0 ? "odd" : "bad";
  const left = `${Math.round(kept.budgetLeft * 100)} %`;
  const decidedUntil = now - objective.withinMs - 90_000;
  return html`<article class="card">
    <header>
      <h3>${stream} <span class="quiet">${messageClass}</span></h3>
      ${kept.alarm ? html`<span class="pill ${kept.alarm.severity === "page" ? "bad" : "odd"}">burns</span>` : null}
    </header>
    <p>${Number((objective.target * 100).toFixed(2))} % within ${tookText(objective.withinMs)}</p>
    <p class="budget">
      <span class="quiet">Error budget left</span>
      <strong class="${tone}">${total === 0 ? "untouched" : left}</strong>
    </p>
    ${meter(kept.budgetLeft, `Error budget left: ${left}`, tone)}
    <p class="quiet">
      ${
        total === 0
          ? "No mail is decided yet."
          : `${countText(total - good)} of ${plural(total, "message")} late; burn rate ${rate(kept.burn["5m"])} over 5 min, ${rate(kept.burn["1h"])} over 1 h, ${rate(kept.burn["6h"])} over 6 h`
      }
    </p>
    ${mailBars(one.minutes, decidedUntil)} ${latencyLines(one.minutes, 0)}
    <p class="quiet">
      Last hour: ${plural(hour.accepted, "message")}, ${countText(one.minutes.reduce((n, { there }) => n + there, 0))}
      there
    </p>
  </article>`;
}

function providerCard(one: ProviderAssurance, index: number, now: number, silence: number | null): Html {
  const state = one.standing?.state ?? "HEALTHY";
  const tone = toneOf(state);
  return html`<article class="card">
    <header>
      <h3><span class="swatch p${index % 8}"></span>${one.provider}</h3>
      <span class="pill ${tone}">${state}</span>
    </header>
    <p class="why">
      ${one.standing ? html`${one.standing.because.sentence} <span class="quiet">since ${timeOf(one.standing.since)}</span>` : "Nothing was ever found against it."}
    </p>
    ${one.streams.map(({ stream, standing }) => html`<p>${stream}: <strong class="${toneOf(standing.state)}">${standing.state}</strong></p>`)}
    ${standingStrip(one, now)}
    <p class="budget">
      <span class="quiet">What speaks for silence (Λ)</span>
      <strong>${silenceText(silence)}</strong>
    </p>
    ${meter(silence ?? 0, `What speaks for silence: ${Math.round((silence ?? 0) * 100)} percent of what makes it suspected`, silence !== null && silence >= 1 ? "bad" : "odd")}
    ${latencyLines(one.minutes, index)}
    <p class="quiet">Last hour: ${plural(one.hour.accepted, "message")} by it</p>
    ${
      one.canaries.length === 0
        ? html`<p class="quiet">No canary went by it today.</p>`
        : html`<table>
            <caption class="quiet">
              Canaries, 24 h
            </caption>
            <thead>
              <tr>
                <th scope="col">receiver</th>
                <th scope="col">there</th>
                <th scope="col">spam</th>
                <th scope="col">missed</th>
                <th scope="col">p95</th>
              </tr>
            </thead>
            <tbody>
              ${one.canaries.map(
                ({ receiver, sent, refused, arrived, spam, missed, p95 }) =>
                  html`<tr>
                    <th scope="row">${receiver}</th>
                    <td>${arrived} of ${sent - refused}</td>
                    <td>${spam}</td>
                    <td class="${missed > 0 ? "bad" : ""}">${missed}</td>
                    <td>${tookText(p95 === null ? null : Math.round(p95))}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }
  </article>`;
}

const rate = (one: number): string => (one >= 100 ? one.toFixed(0) : one.toFixed(1));

/** Far above what convicts, percents say nothing. */
const silenceText = (share: number | null): string =>
  share === null ? "–" : share >= 2 ? `${Math.round(share)} ×` : `${Math.round(share * 100)} %`;
