import type { ShownAlert } from "../../alerts/index.ts";
import { carriersOf } from "../carrier.ts";
import type { LabState } from "../state.ts";
import { alertsStrip } from "./alerts-strip.ts";
import { chart } from "./chart.ts";
import { html } from "./html.ts";
import { layout, top } from "./layout.ts";
import { providerCard } from "./provider-panel.ts";

/** All providers of the lab, each with its switches; the order is that of the lab's route. */
export function providersPageHtml(state: LabState, alerts: readonly ShownAlert[]): string {
  const carriers = carriersOf(state);
  return layout({
    title: "Providers – Postern lab",
    page: "providers",
    styles: ["base", "inbox", "providers"],
    body: html`<a class="skip" href="#providers">Skip to the providers</a>
      ${top("providers", "live")} ${alertsStrip(alerts, state.clock.now())}
      <main id="providers" aria-labelledby="providers-title">
        <h1 id="providers-title">Providers</h1>
        <p class="hint">
          ${
            carriers.length > 1
              ? html`<strong>${carriers[0]!.name}</strong> carries the mail, ${carriers[1]!.name} one in twenty; when
                  they fail, the others in this order. All are servers on this machine that fail as you choose.`
              : "A server on this machine that fails as you choose."
          }
        </p>
        <p class="fault" role="alert" hidden></p>
        <div class="cards">
          ${carriers.map((carrier, index) => providerCard(carrier, index))}
          <div class="card" data-live="chart">${chart(carriers)}</div>
        </div>
        <p class="hint">
          From a terminal: <code>npm run -s postern -- lab fault ${carriers[0]?.name ?? "NAME"} suspended</code>
        </p>
      </main>`,
  });
}
