import type { Carrier, Choice, ChoiceGroup } from "../carrier.ts";
import { colourOf, countText, plural } from "./format.ts";
import { html, type Html } from "./html.ts";

const badge = ({ label, tone }: Choice): Html => html`<span class="pill mode ${tone}">${label}</span>`;

/** The mode in few words, and a word more where webhooks are not as they should be. */
export const stateBadge = ({ now, webhooks }: Carrier): Html =>
  html`${badge(now)}${webhooks === null || webhooks.now.tone === "good" ? null : html` ${badge({ ...webhooks.now, label: `Webhooks: ${webhooks.now.label}` })}`}`;

/** The pieces of a card that move, by the name in their `data-live`. */
export const cardPieces = (carrier: Carrier): [name: string, piece: Html][] => [
  [`state-${carrier.name}`, stateBadge(carrier)],
  [`mode-${carrier.name}`, badge(carrier.now)],
  [`figures-${carrier.name}`, figures(carrier)],
  ...(carrier.webhooks ? [[`webhooks-${carrier.name}`, badge(carrier.webhooks.now)] as [string, Html]] : []),
];

/** What is pressed in its menus. */
export const pressedOf = ({ now, webhooks }: Carrier): string[] => [now.key, ...(webhooks ? [webhooks.now.key] : [])];

function figures({ name, now, figures: { delivered, refused, notDelivered, held } }: Carrier): Html {
  return html`<p class="quiet">${now.explains}</p>
    <dl class="figures">
      <div>
        <dt class="quiet">delivered</dt>
        <dd>${countText(delivered)}</dd>
      </div>
      <div>
        <dt class="quiet">refused</dt>
        <dd>${countText(refused)}</dd>
      </div>
      <div>
        <dt class="quiet">not delivered</dt>
        <dd class="${notDelivered > 0 ? "lost" : "none"}">${countText(notDelivered)}</dd>
      </div>
    </dl>
    ${
      held === 0
        ? null
        : html`<p class="held">
            <button type="button" id="release-${name}" data-act="release" data-provider="${name}">
              Release ${plural(held, "held message")}
            </button>
          </p>`
    }`;
}

/** One card: the name, the mode as a menu that explains what each would do, and the figures. */
export const providerCard = (carrier: Carrier, index: number): Html => {
  const { name, kind, place, webhooks } = carrier;
  return html`<section class="card provider" id="provider-${name}" aria-labelledby="name-${name}">
    <header>
      <h3 id="name-${name}"><span class="swatch ${colourOf(index)}"></span>${name}</h3>
      <span class="quiet place">${place}</span>
    </header>
    ${menu(carrier, "Mode", `mode-${name}`, badge(carrier.now), carrier.groups)}
    ${webhooks === null ? null : menu(carrier, "Webhooks", `webhooks-${name}`, badge(webhooks.now), webhooks.groups)}
    <div data-live="figures-${name}">${figures(carrier)}</div>
    <p class="quiet speaks">
      ${
        kind === "smtp"
          ? "Speaks SMTP."
          : html`Speaks the API of ${VENDORS[kind] ?? kind}.
              <a href="/lab/providers/${name}/insider">Insider console</a>`
      }
    </p>
  </section>`;
};

/** As their owners write them. */
export const VENDORS: Readonly<Record<string, string>> = {
  mandrill: "Mailchimp Transactional (Mandrill)",
  sendgrid: "Twilio SendGrid",
  postmark: "Postmark",
  mailgun: "Mailgun",
  resend: "Resend",
  ses: "Amazon SES",
};

const menu = (carrier: Carrier, title: string, live: string, now: Html, groups: readonly ChoiceGroup[]): Html =>
  html`<details class="modes" data-provider="${carrier.name}">
    <summary>
      ${title}<span class="sr"> of ${carrier.name}</span>
      <span class="now" data-live="${live}">${now}</span>
    </summary>
    <div class="menu">
      ${groups.map(({ title: group, choices }) => {
        const buttons = choices.map((choice) => choiceButton(choice, group === null, pressedOf(carrier)));
        return group === null
          ? buttons
          : html`<details class="more">
              <summary>${group}</summary>
              ${buttons}
            </details>`;
      })}
    </div>
  </details>`;

/** In a folded group of variants only the name differs, so only that is said. */
const choiceButton = ({ key, label, tone, explains }: Choice, isExplained: boolean, pressed: string[]): Html =>
  html`<button type="button" data-mode="${key}" aria-pressed="${pressed.includes(key) ? "true" : "false"}">
    <span class="pill mode ${tone}">${isExplained ? label : key.slice(key.indexOf("/") + 1)}</span>
    ${isExplained ? html`<span class="quiet">${explains}</span>` : null}
  </button>`;
