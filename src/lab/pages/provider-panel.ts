import type { LabProvider } from "../lab-provider.ts";
import { LAB_MODES, type LabMode, MODE_RULES } from "../modes.ts";
import { countText } from "./format.ts";
import { html, type Html } from "./html.ts";

/** How worried to look: the sign and the colour of a mode. */
type Tone = "good" | "odd" | "bad";
const TONES: Record<LabMode, Tone> = {
  normal: "good",
  slow: "odd",
  "answers-and-closes": "odd",
  deferring: "bad",
  suspended: "bad",
  "queued-and-suspended": "bad",
  silent: "bad",
  hanging: "bad",
  "closes-before-answer": "bad",
  down: "bad",
};

export const modeBadge = ({ mode }: LabProvider): Html =>
  html`<span class="pill mode ${TONES[mode]}">${MODE_RULES[mode].label}</span>`;

/** What moves in a provider's card. */
export function providerFigures({ counters, mode }: LabProvider): Html {
  const refused = counters.refused + counters.deferred;
  const undelivered = counters.withheld + counters.vanished + counters.untaken;
  return html`<p class="quiet">${MODE_RULES[mode].explains}</p>
    <dl class="figures">
      <div>
        <dt class="quiet">delivered</dt>
        <dd>${countText(counters.delivered)}</dd>
      </div>
      <div>
        <dt class="quiet">refused</dt>
        <dd>${countText(refused)}</dd>
      </div>
      <div>
        <dt class="quiet">not delivered</dt>
        <dd class="${undelivered > 0 ? "lost" : "none"}">${countText(undelivered)}</dd>
      </div>
    </dl>`;
}

/** One card: the name, the mode as a menu that explains what each would do, and the figures. */
export const providerCard = (provider: LabProvider, index: number): Html =>
  html`<section class="card provider" id="provider-${provider.name}" aria-labelledby="name-${provider.name}">
    <header>
      <h3 id="name-${provider.name}"><span class="swatch p${index % 4}"></span>${provider.name}</h3>
      <span class="quiet">${provider.address.host}:${provider.address.port}</span>
    </header>
    <details class="modes" data-provider="${provider.name}">
      <summary>
        Mode<span class="sr"> of ${provider.name}</span>
        <span data-live="mode-${provider.name}">${modeBadge(provider)}</span>
      </summary>
      <div class="menu">${LAB_MODES.map((mode) => modeButton(provider, mode))}</div>
    </details>
    <div data-live="figures-${provider.name}">${providerFigures(provider)}</div>
  </section>`;

const modeButton = (provider: LabProvider, mode: LabMode): Html =>
  html`<button type="button" data-mode="${mode}" aria-pressed="${provider.mode === mode ? "true" : "false"}">
    <span class="pill mode ${TONES[mode]}">${MODE_RULES[mode].label}</span>
    <span class="quiet">${MODE_RULES[mode].explains}</span>
  </button>`;
