import type { Point, ProviderAssurance } from "../../slo/index.ts";
import { html, type Html } from "./html.ts";

const WIDTH = 600;
const HEIGHT = 60;
const HOUR_MS = 3_600_000;

/** Milliseconds as people say them. */
export const tookText = (ms: number | null): string => {
  if (ms === null) return "–";
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(1))} s`;
  return ms < HOUR_MS ? `${Number((ms / 60_000).toFixed(1))} min` : `${Number((ms / HOUR_MS).toFixed(1))} h`;
};

/** A bar that fills from the left. `share` above 1 is full, below 0 empty. */
export function meter(share: number, label: string, tone: string): Html {
  const full = Math.min(1, Math.max(0, share)) * 100;
  return html`<svg
    class="meter ${tone}"
    viewBox="0 0 100 8"
    preserveAspectRatio="none"
    role="img"
    aria-label="${label}"
  >
    <rect class="ground" width="100" height="8" />
    <rect class="fill" width="${full.toFixed(1)}" height="8" />
  </svg>`;
}

/** Messages by the minute: what was in time, and on top of it what was not. */
export function mailBars(points: readonly Point[], decidedUntil: number): Html {
  const most = Math.max(...points.map(({ accepted }) => accepted), 1);
  const step = WIDTH / points.length;
  const all = points.reduce((sum, { accepted }) => sum + accepted, 0);
  const late = points.reduce((sum, point) => sum + lateOf(point, decidedUntil), 0);
  return html`<figure class="chart">
    <figcaption class="quiet">
      Messages a minute <span class="most">${all === 0 ? "no mail" : `most ${most}`}</span>
    </figcaption>
    <svg
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${all} messages in the last hour, ${late} of them late"
    >
      ${points.map((point, n) => {
        if (point.accepted === 0) return null;
        const lost = lateOf(point, decidedUntil);
        const bar = (count: number, from: number, name: string) =>
          count === 0
            ? null
            : html`<rect
                class="${name}"
                x="${(n * step).toFixed(1)}"
                y="${(HEIGHT - ((from + count) / most) * HEIGHT).toFixed(1)}"
                width="${(step * 0.8).toFixed(1)}"
                height="${((count / most) * HEIGHT).toFixed(1)}"
              />`;
        return html`${bar(point.accepted - lost, 0, "in-time")}${bar(lost, point.accepted - lost, "late")}`;
      })}
    </svg>
  </figure>`;
}

/** Of what is not decided yet nothing is late. */
const lateOf = ({ at, accepted, inTime }: Point, decidedUntil: number): number =>
  inTime === null || at >= decidedUntil ? 0 : accepted - inTime;

/** Time until mail was there, p50 and p95; on a scale that shows 100 ms and 10 minutes alike. */
export function latencyLines(points: readonly Point[], index: number): Html {
  const step = WIDTH / Math.max(1, points.length - 1);
  const y = (ms: number): number => HEIGHT - (Math.log10(Math.max(ms, 50) / 50) / Math.log10(3_600_000 / 50)) * HEIGHT;
  const path = (name: "p50" | "p95"): string => {
    let pen = "M";
    return points
      .map((point, n) => {
        const ms = point[name];
        if (ms === null) {
          pen = "M";
          return "";
        }
        const to = `${pen}${(n * step).toFixed(1)} ${y(ms).toFixed(1)}`;
        // A minute alone between others without mail is a short line, not nothing.
        const dot = pen === "M" ? `h${Math.min(3, step / 2).toFixed(1)}` : "";
        pen = "L";
        return to + dot;
      })
      .join("");
  };
  const last = points.findLast(({ p95 }) => p95 !== null);
  return html`<figure class="chart">
    <figcaption class="quiet">
      Until it is there
      <span class="most">${last ? `p50 ${tookText(last.p50)}, p95 ${tookText(last.p95)}` : "no mail"}</span>
    </figcaption>
    <svg
      class="lines p${index % 8}"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      preserveAspectRatio="none"
      role="img"
      aria-label="Latency of the last hour, by the minute${last ? `; at last p50 ${tookText(last.p50)}, p95 ${tookText(last.p95)}` : ""}"
    >
      ${[1_000, 60_000].map((ms) => html`<line class="grid" x1="0" x2="${WIDTH}" y1="${y(ms).toFixed(1)}" y2="${y(ms).toFixed(1)}" />`)}
      <path class="p50" d="${path("p50")}" />
      <path class="p95" d="${path("p95")}" />
    </svg>
  </figure>`;
}

/** How a provider stood within the last hour: one colour gives way to the other. */
export function standingStrip({ states }: ProviderAssurance, now: number): Html {
  const from = now - HOUR_MS;
  const spans = states
    .map((span, n) => ({ ...span, to: states[n + 1]?.from ?? now }))
    .filter(({ to }) => to > from)
    .map((span) => ({ ...span, from: Math.max(span.from, from) }));
  const x = (at: number): number => ((at - from) / HOUR_MS) * WIDTH;
  return html`<svg
    class="strip"
    viewBox="0 0 ${WIDTH} 10"
    preserveAspectRatio="none"
    role="img"
    aria-label="Within the last hour: ${spans.map(({ state }) => state).join(", then ")}"
  >
    ${spans.map(
      ({ from: since, to, state }) =>
        html`<rect
          class="${toneOf(state)}"
          x="${x(since).toFixed(1)}"
          width="${Math.max(1.5, x(to) - x(since)).toFixed(1)}"
          height="10"
        />`,
    )}
  </svg>`;
}

export const toneOf = (state: string): "good" | "odd" | "bad" =>
  state === "HEALTHY" ? "good" : ["SUSPECT", "PROBING", "EVENTS_DARK"].includes(state) ? "odd" : "bad";
