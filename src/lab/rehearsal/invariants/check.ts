import { type State, isWithdrawn } from "../../../judge/index.ts";
import { CANARY_TENANT } from "../../../canary/index.ts";
import { type Facts, tryKey } from "./facts.ts";

export const INVARIANTS = ["I1", "I2", "I3", "I4", "I5", "I6"] as const;
export type Invariant = (typeof INVARIANTS)[number];
/** Sentences of what is not so; none: it holds. */
export type Findings = Record<Invariant, string[]>;

export const INVARIANT_WORDS: Readonly<Record<Invariant, string>> = {
  I1: "what was accepted has its end, or can be seen to wait",
  I2: "two copies of a message at most, and of a secret one while it lives",
  I3: "no secret in clear in a table or in the log",
  I4: "no mail through an owner group that its stream avoids",
  I5: "the ledger only grows, and holds every accept, try and answer",
  I6: "no mail through a provider that a verdict withdrew, from a second after it on",
};

/** How long after a verdict every node must obey it. */
const OBEYED_WITHIN_MS = 1_000;
const COPIES_MOST = 2;

export const checkInvariants = (facts: Facts): Findings => ({
  I1: noneLost(facts),
  I2: fewCopies(facts),
  I3: facts.leaks.map((place) => `a planted secret is in ${place}`),
  I4: apart(facts),
  I5: growsOnly(facts),
  I6: obeyed(facts),
});

function noneLost({ accepted, rows }: Facts): string[] {
  return accepted.flatMap(({ id }) => {
    const row = rows.get(id);
    if (!row) return [`${id} was accepted and is not there`];
    if (row.inQueue) return [];
    if (!row.ended) return [`${id} has no end and waits nowhere`];
    return row.recipientsLeft > 0 ? [`${id} ended with ${row.recipientsLeft} recipients left`] : [];
  });
}

function fewCopies({ accepted }: Facts): string[] {
  return accepted.flatMap(({ id, copies, livingSecrets }) => [
    ...(copies > COPIES_MOST ? [`${id} arrived ${copies} times`] : []),
    ...(livingSecrets > 1 ? [`${id} arrived ${livingSecrets} times, a secret that lived`] : []),
  ]);
}

function apart({ attempts, groupOf, avoidedBy }: Facts): string[] {
  return attempts.flatMap(({ tenant, stream, provider, id }) => {
    const group = groupOf.get(provider);
    const avoided = avoidedBy.get(`${tenant}/${stream}`) ?? [];
    return group !== undefined && avoided.includes(group) ? [`${id} of ${stream} was tried through ${provider}`] : [];
  });
}

function growsOnly({ accepted, attempts, checkpoints, beginnings, leaves }: Facts): string[] {
  const changed = checkpoints.flatMap(({ count, hash }, n) =>
    beginnings[n]?.hash === hash ? [] : [`the first ${count} leaves are no longer what they were`],
  );
  const missing = [
    ...accepted.flatMap(({ id }) => (leaves.accepted.has(id) ? [] : [`no leaf of the accept of ${id}`])),
    ...attempts.flatMap(({ id, n, settled }) => [
      ...(leaves.intents.has(tryKey(id, n)) ? [] : [`no leaf of try ${n} of ${id}`]),
      ...(!settled || leaves.outcomes.has(tryKey(id, n)) ? [] : [`no leaf of the answer to try ${n} of ${id}`]),
    ]),
  ];
  return [...changed, ...missing];
}

function obeyed({ attempts, changes }: Facts): string[] {
  const spans = withdrawals(changes);
  return attempts.flatMap(({ tenant, stream, provider, at, id }) => {
    if (tenant === CANARY_TENANT) return [];
    const span = spans.find(
      (one) =>
        one.provider === provider &&
        (one.scope === "" || one.scope === `${tenant}/${stream}`) &&
        at > one.from + OBEYED_WITHIN_MS &&
        at < one.until,
    );
    return span
      ? [`${id} was tried through ${provider} ${((at - span.from) / 1_000).toFixed(1)} s after it was ${span.state}`]
      : [];
  });
}

type Span = { provider: string; scope: string; state: State; from: number; until: number };

function withdrawals(changes: Facts["changes"]): Span[] {
  const spans: Span[] = [];
  const open = new Map<string, Span>();
  for (const { provider, scope, to, at } of changes) {
    const key = `${provider} ${scope}`;
    const now = open.get(key);
    if (isWithdrawn(to) === (now !== undefined)) continue;
    if (now) {
      now.until = at;
      open.delete(key);
    } else {
      const span = { provider, scope, state: to, from: at, until: Number.POSITIVE_INFINITY };
      open.set(key, span);
      spans.push(span);
    }
  }
  return spans;
}
