/**
 * Adopts an account: reads it item by item and gives what Postern keeps to a sink, which writes it, or does not.
 * 1. Each item is counted.  2. A template is compiled as it will be here, and given with the versions that can be.
 * 3. Suppressions are given in groups, so that a million of them is never held at once.
 * Invariant: what was given to the sink before something broke stays, and giving it again changes nothing.
 */
import type {
  AccountItem,
  AccountPart,
  AccountReading,
  FoundSuppression,
  FoundTemplate,
  FoundVersion,
} from "../providers/index.ts";
import { IMPORT_AT_ONCE, type ImportCounts } from "../tenancy/index.ts";
import { type Findings, noFindings, type TemplateLine } from "./findings.ts";
import type { TemplateFate } from "./keep-template.ts";
import { planOf } from "./template-plan.ts";

/** Where what is adopted goes. */
export type Sink = {
  /** Null: nothing was written. */
  template(template: FoundTemplate, versions: readonly FoundVersion[]): Promise<TemplateFate | null>;
  suppressions(group: readonly FoundSuppression[]): Promise<ImportCounts | null>;
};
export const NOTHING_WRITTEN: Sink = { template: async () => null, suppressions: async () => null };

/** Called with each item and with each end of a part. */
export type Progress = (part: AccountPart, count: number, isEnd: boolean) => void;

/** @param readings of readAccount(), or what a file holds. */
export async function adoptAccount(
  readings: AsyncIterable<AccountReading>,
  sink: Sink,
  progress: Progress,
  findings: Findings = noFindings(),
): Promise<Findings> {
  const counts = new Map<AccountPart, number>();
  let group: FoundSuppression[] = [];
  const flush = async () => {
    if (group.length > 0) addCounts(findings, await sink.suppressions(group));
    group = [];
  };
  for await (const reading of readings) {
    const { part } = reading;
    switch (reading.kind) {
      case "item": {
        counts.set(part, (counts.get(part) ?? 0) + ("left" in reading ? 0 : 1));
        if (reading.part === "templates") findings.templates.push(await templateLine(reading.template, sink));
        else if (reading.part === "suppressions" && "suppression" in reading) {
          findings.suppressions.found[reading.suppression.kind] += 1;
          group.push(reading.suppression);
          if (group.length === IMPORT_AT_ONCE) await flush();
        } else note(findings, reading);
        progress(part, counts.get(part)!, false);
        break;
      }
      case "read":
        if (part === "suppressions") await flush();
        findings.whole.push(part);
        progress(part, counts.get(part) ?? 0, true);
        break;
      case "missing":
        findings.missing.push({ part, because: reading.because, reason: reading.reason });
        break;
      case "not-listed":
        findings.notListed.push({ part, reason: reading.reason });
    }
  }
  await flush();
  return findings;
}

async function templateLine(template: FoundTemplate, sink: Sink): Promise<TemplateLine> {
  const { name, displayName, dialect } = template;
  const plan = planOf(template);
  if (plan.kind === "refuse") {
    return { name, displayName, dialect, versions: 0, fate: "refused", problems: plan.problems, notes: [] };
  }
  const fate = await sink.template(template, plan.versions);
  const line = { name, displayName, dialect, versions: plan.versions.length };
  if (fate === null) return { ...line, fate: "would-adopt", problems: [], notes: plan.notes };
  if (fate.kind === "refused") return { ...line, fate: "refused", problems: fate.problems, notes: [] };
  return { ...line, fate: fate.kind, problems: [], notes: [...plan.notes, ...fate.notes] };
}

function addCounts({ suppressions }: Findings, counts: ImportCounts | null): void {
  if (counts === null) return;
  for (const name of ["added", "known", "full", "unusable"] as const) suppressions[name] += counts[name];
}

function note(findings: Findings, item: Exclude<AccountItem, { part: "templates" }>): void {
  switch (item.part) {
    case "account":
      if (item.fact === "state") findings.states.push(item.text);
      else findings.metadata.push(item.name);
      return;
    case "senders":
      findings.senders.push({ address: item.address, isVerified: item.isVerified });
      return;
    case "domains":
      findings.domains.push({ domain: item.domain, isVerified: item.isVerified, records: item.records });
      return;
    case "suppressions":
      if ("left" in item) findings.suppressions.left.push({ count: item.left, because: item.because });
      return;
    case "webhooks":
      findings.webhooks.push({ id: item.id, url: item.url, events: item.events });
      return;
    case "keys":
      findings.keys.push({ name: item.name, createdAt: item.createdAt, lastUsedAt: item.lastUsedAt });
      return;
    case "subaccounts":
      findings.subaccounts.push({ name: item.name, state: item.state });
  }
}
