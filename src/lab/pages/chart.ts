import type { Carrier } from "../carrier.ts";
import { RATE_BUCKET_MS, RATE_BUCKETS } from "../rate-series.ts";
import { colourOf, plural } from "./format.ts";
import { html, type Html } from "./html.ts";

const HEIGHT = 96;
const BAR = 10;
const GAP = 2;

/** Messages taken in each span of 5 s, stacked by provider: a failover shows as one colour giving way to the other. */
export function chart(providers: readonly Carrier[]): Html {
  const series = providers.map((provider) => provider.rate.spans());
  const totals = Array.from({ length: RATE_BUCKETS }, (_, span) => series.reduce((sum, one) => sum + one[span]!, 0));
  const top = niceTop(Math.max(...totals));
  const span = plural(RATE_BUCKET_MS / 1_000, "second");
  const sums = series.map((one, index) => `${providers[index]!.name} ${one.reduce((sum, count) => sum + count, 0)}`);
  return html`<figure class="chart">
    <figcaption class="quiet">Messages taken per ${span}</figcaption>
    <div class="plot">
      <span class="most quiet">${top}</span>
      <svg
        viewBox="0 0 ${RATE_BUCKETS * (BAR + GAP)} ${HEIGHT}"
        preserveAspectRatio="none"
        role="img"
        aria-label="Messages taken in the last five minutes: ${sums.join(", ")}"
      >
        <line class="grid" x1="0" x2="${RATE_BUCKETS * (BAR + GAP)}" y1="0.5" y2="0.5" />
        ${series.length === 0 ? null : totals.map((_, at) => bars(series, at, top))}
      </svg>
    </div>
    <div class="axis quiet" aria-hidden="true"><span>5 minutes ago</span><span>now</span></div>
    <ul class="legend quiet">
      ${providers.map((provider, index) => html`<li><span class="swatch ${colourOf(index)}"></span>${provider.name}</li>`)}
    </ul>
  </figure>`;
}

function bars(series: readonly number[][], span: number, top: number): Html[] {
  let stacked = 0;
  return series.flatMap((one, index) => {
    const count = one[span]!;
    if (count === 0) return [];
    const height = (count / top) * HEIGHT;
    stacked += height;
    return html`<rect
      class="${colourOf(index)}"
      x="${span * (BAR + GAP)}"
      y="${(HEIGHT - stacked).toFixed(1)}"
      width="${BAR}"
      height="${height.toFixed(1)}"
    />`;
  });
}

/** The next of 4, 10, 20, 40, 100, …: a scale that does not jump with every message. */
function niceTop(most: number): number {
  for (let decade = 1; ; decade *= 10) {
    for (const step of [4, 10, 20]) if (step * decade >= most) return step * decade;
  }
}
