import type { CanarySettings, ProviderSettings, TenantSettings } from "../config/index.ts";
import { type Clock, type Log, causeText, isUuid } from "../kernel/index.ts";
import { authorOf, headerValue, readHeader } from "../mail/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { Queryable } from "../store/index.ts";
import { type Finding, finding, isAltered } from "./findings.ts";
import { type Arrival, type ArrivedBy, markArrived } from "./rows/mark-arrived.ts";
import { lastProviderOf } from "./rows/last-provider-of.ts";
import { noteFindings } from "./rows/note-findings.ts";
import type { Canary, Legs } from "./rows/row.ts";
import { type AskDns, authenticate } from "./verify/authenticate.ts";
import { firstReceivedAt } from "./verify/first-received.ts";
import { knownOf } from "./verify/known.ts";
import { type Received, domainOf, verify } from "./verify/verify.ts";

/** What a receiver took, and by what it is known. */
export type Incoming = Received & {
  by: ArrivedBy;
  at: number;
  peer: { address: string } | null;
  /** Found in a mailbox's folder for spam. */
  inSpam?: boolean;
};

export type ArrivalParts = {
  settings: Pick<CanarySettings, "providers">;
  tenants: readonly TenantSettings[];
  providers: readonly ProviderSettings[];
  database: Queryable;
  askDns: AskDns;
  /** More that is looked at where the canary is a sign-up's confirmation. */
  signUp: (canary: Canary, raw: Buffer) => Promise<Finding[]>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
};

/**
 * What comes in, from whichever receiver.
 * 1. It is there: written down at once, for silence is judged by the second.  2. It is looked at: what it says, who speaks,
 * whether it is signed.  3. What was found is written down.
 * Operator sees: canaries_total, canary_seconds, "canary.altered".
 */
export class Arrivals {
  readonly #parts: ArrivalParts;

  constructor(parts: ArrivalParts) {
    this.#parts = parts;
  }

  /** @returns null where it is no canary of ours. @throws Problem where the database is away: it must be brought again */
  async take(incoming: Incoming): Promise<Canary | null> {
    const { database, metrics, log } = this.#parts;
    const arrival = await markArrived(database, incoming.by, incoming.at, incoming.inSpam);
    if (!arrival) return null;
    const { canary, again } = arrival;
    if (again) {
      const isKnown = canary.findings.some(({ code }) => code === "arrived-twice");
      if (!isKnown) await noteFindings(database, canary.canaryId, [finding("arrived-twice", "Another copy came.")], {});
      return canary;
    }
    canary.provider ??= await providerOf(database, incoming.raw);
    const findings = await this.#look(incoming, arrival);
    await noteFindings(database, canary.canaryId, findings, legsOf(canary, incoming), canary.provider);
    const result = isAltered(findings) ? "altered" : canary.result!;
    metrics.canary(canary.provider ?? "", canary.kind, result, (incoming.at - canary.sentAt) / 1_000);
    if (result === "altered")
      log.warn("canary.altered", { id: canary.canaryId, provider: canary.provider, findings: codes(findings) });
    else if (findings.length > 0)
      log.debug("canary.arrived", { id: canary.canaryId, provider: canary.provider, findings: codes(findings) });
    return canary;
  }

  async #look(incoming: Incoming, { canary, expected }: Arrival): Promise<Finding[]> {
    const { settings, tenants, providers, askDns, signUp, log } = this.#parts;
    try {
      const provider = providers.find(({ name }) => name === canary.provider);
      const known = knownOf(provider, settings.providers[canary.provider ?? ""]);
      const domains = tenants.find(({ name }) => name === canary.tenant)?.domains ?? [];
      const found = await verify(incoming, expected, known, domains);
      if (canary.kind === "sign-up") found.push(...(await signUp(canary, incoming.raw)));
      const { raw, returnPath, peer } = incoming;
      const author = domainOf(expected.author ?? authorIn(raw) ?? "");
      found.push(...(await authenticate({ raw, returnPath: returnPath ?? "", peer }, author, askDns)));
      return found;
    } catch (error) {
      log.warn("canary.not-checked", { id: canary.canaryId, cause: causeText(error) });
      return [finding("not-checked", causeText(error))];
    }
  }
}

const codes = (findings: readonly Finding[]): string => [...new Set(findings.map(({ code }) => code))].join(" ");

function legsOf({ sentAt, handedOffAt }: Canary, { raw, at }: Incoming): Legs {
  const first = firstReceivedAt(raw);
  return {
    whole: at - sentAt,
    ...(first === null ? {} : { carried: at - first }),
    ...(first === null || handedOffAt === null ? {} : { taken: first - handedOffAt }),
  };
}

const BOUNDS = { headerBytes: 256 * 1024, headerFields: 1_000 };

function authorIn(raw: Buffer): string | undefined {
  const header = readHeader(raw, BOUNDS);
  return "fields" in header ? authorOf(header) : undefined;
}

/** Who brought a mail that the application sent through here; null: it did not, or the field is gone. */
async function providerOf(database: Queryable, raw: Buffer): Promise<string | null> {
  const header = readHeader(raw, BOUNDS);
  const id = "fields" in header ? headerValue(header, "x-postern-id") : undefined;
  return id !== undefined && isUuid(id) ? lastProviderOf(database, id) : null;
}
