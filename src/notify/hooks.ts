import type { TenantSettings, WebhookSettings } from "../config/index.ts";
import { kindsTold } from "../mail/index.ts";
import type { Room } from "./lease-deliveries.ts";
import type { Wish } from "./make-deliveries.ts";

/** Deliveries at once to one webhook: a receiver that takes 100 ms gets 80 a second of one node. */
const AT_ONCE = 8;
/** To one whose last try failed: enough to notice that it is back, and its time-outs cost little. */
const AT_ONCE_WHILE_FAILING = 1;
/** Of all webhooks: sockets and memory of one node. */
const AT_ONCE_IN_ALL = 256;

/** A webhook and what is on its way to it from this node. */
export type Hook = {
  tenant: string;
  settings: WebhookSettings;
  inFlight: number;
  failing: boolean;
  /** The last lease took all it had room for: there may be more. */
  more: boolean;
};

export class Hooks {
  readonly #hooks = new Map<string, Hook>();
  #turn = 0;
  inFlight = 0;

  constructor(tenants: readonly TenantSettings[]) {
    for (const tenant of tenants) {
      for (const settings of tenant.webhooks) {
        const hook: Hook = { tenant: tenant.name, settings, inFlight: 0, failing: false, more: false };
        this.#hooks.set(keyOf(tenant.name, settings.name), hook);
      }
    }
  }

  get size(): number {
    return this.#hooks.size;
  }

  all(): Hook[] {
    return [...this.#hooks.values()];
  }

  find(tenant: string, webhook: string): Hook {
    const hook = this.#hooks.get(keyOf(tenant, webhook));
    if (!hook) throw new Error(`leased a delivery for ${tenant}/${webhook}, which is not ours`);
    return hook;
  }

  wishes(): Wish[] {
    return this.all().flatMap(({ tenant, settings }) =>
      kindsFor(settings).map((kind) => ({ tenant, webhook: settings.name, kind })),
    );
  }

  /** Where deliveries can be taken on. Each time another webhook is first, so that none is always last. */
  rooms(): Room[] {
    const all = this.all();
    this.#turn += 1;
    const rooms: Room[] = [];
    let left = AT_ONCE_IN_ALL - this.inFlight;
    for (let n = 0; n < all.length && left > 0; n += 1) {
      const { tenant, settings, inFlight, failing } = all[(this.#turn + n) % all.length]!;
      const free = Math.min(left, (failing ? AT_ONCE_WHILE_FAILING : AT_ONCE) - inFlight);
      if (free <= 0) continue;
      rooms.push({ tenant, webhook: settings.name, free });
      left -= free;
    }
    return rooms;
  }

  begin(hook: Hook): void {
    hook.inFlight += 1;
    this.inFlight += 1;
  }

  /** @returns true where it is time to lease more for this webhook. */
  end(hook: Hook): boolean {
    hook.inFlight -= 1;
    this.inFlight -= 1;
    return hook.more && hook.inFlight <= AT_ONCE / 2;
  }
}

/** Null: all there are. What the format has no word for is never made a delivery. */
function kindsFor({ format, events }: WebhookSettings): readonly (string | null)[] {
  const told = kindsTold(format);
  if (told === null) return events ?? [null];
  return events === null ? told : events.filter((kind) => told.includes(kind));
}

const keyOf = (tenant: string, webhook: string): string => `${tenant} ${webhook}`;
