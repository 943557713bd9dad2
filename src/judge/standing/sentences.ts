import type { Input } from "./inputs.ts";
import type { State } from "./standing.ts";

/**
 * The sentence that the page shows, from the numbers that caused it. A number that a detector did not give is left
 * out with its clause, never shown as a question mark.
 */
export function sentenceFor(input: Input, state: State): string {
  return `${reason(input)} ${WHAT_NOW[state]}`;
}

const WHAT_NOW: Readonly<Record<State, string>> = {
  HEALTHY: "It is used as usual.",
  SUSPECT: "New secrets go elsewhere while canaries find out.",
  DOWN: "Mail goes elsewhere; it recovers by itself once canaries arrive again.",
  PROBING: "It gets a growing share of routine mail.",
  EVENTS_DARK: "Mail goes on through it; its log is asked instead.",
  QUARANTINED: "Nothing is handed to it until two people release it after its keys were changed.",
  PINNED_OFF: "Nothing is handed to it until an operator takes it back.",
};

function reason(input: Input): string {
  switch (input.kind) {
    case "pin-off":
      return `${input.operator} took it out of use: ${input.why}.`;
    case "unpin":
      return `${input.operator} took it back into use: ${input.why}.`;
    case "release-quarantine":
      return `${input.operators.join(" and ")} released it: ${input.why}.`;
    default:
      return REASONS[input.kind](input.numbers);
  }
}

type Plain = Exclude<Input["kind"], "pin-off" | "unpin" | "release-quarantine">;
type Given = Readonly<Record<string, number | string>>;

/** `part("…", value)`: the clause if the value is known. */
const part = (given: Given, name: string, clause: (value: string) => string): string =>
  given[name] === undefined ? "" : clause(shown(given[name]));
const shown = (value: number | string): string =>
  typeof value === "string" ? value : Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));

const word = (given: Given, name: string, otherwise: string): string =>
  given[name] === undefined ? otherwise : shown(given[name]);

const measured = (given: Given, symbol: string): string =>
  part(given, "nats", (nats) => ` (${symbol} ${nats}${part(given, "thresholdNats", (limit) => `, limit ${limit}`)})`);

const silent = (given: Given): string =>
  `${word(given, "open", "Some")} messages were handed off${part(given, "forS", (s) => ` within ${s} s`)} and nothing newer has arrived${measured(given, "Λ")}.`;

const REASONS: Readonly<Record<Plain, (given: Given) => string>> = {
  silence: silent,
  "silence-certain": silent,
  "silence-refuted": () => "A message that was handed off later has arrived: the silence was chance.",
  "burst-missed": (given) =>
    `${word(given, "missed", "Most")} of ${word(given, "canaries", "the")} canaries did not arrive in time${part(given, "deadlineS", (s) => `, which is ${s} s`)}.`,
  "burst-arrived": (given) => `${word(given, "arrived", "The")} canaries arrived: the suspicion was chance.`,
  "partial-loss": (given) =>
    `More messages are missing than usual${part(given, "missShare", (share) => `, as with a loss of ${share}`)}${measured(given, "g")}.`,
  "loss-ended": () => "As many messages arrive as usual again.",
  "account-refused": (given) => `It refused the account itself${part(given, "cause", (cause) => ` (${cause})`)}.`,
  "account-suspended": (given) =>
    `It says that the account may not send${part(given, "cause", (cause) => ` (${cause})`)}.`,
  "key-refused": () => "It refuses our key on every call: somebody took the key away.",
  unreachable: (given) =>
    `${word(given, "tries", "All")} hand-offs found no connection to it${part(given, "forS", (s) => ` for ${s} s`)}, while others could be reached.`,
  "events-silent": (given) =>
    `Its events have been silent${part(given, "forS", (s) => ` for ${s} s`)} while canaries arrive.`,
  "events-back": () => "Its events speak again.",
  contradiction: (given) =>
    `It says that ${word(given, "claimed", "some")} canaries were delivered which none of our receivers has seen.`,
  "breach-seen": (given) => `Somebody else uses the account${part(given, "cause", (cause) => ` (${cause})`)}.`,
  exonerated: (given) => `The fault is not its own${part(given, "cause", (cause) => ` (${cause})`)}.`,
  "canaries-in-a-row": (given) => `${word(given, "canaries", "Enough")} canaries in a row have arrived.`,
  untested: () => "No receiver of ours can tell how it is, so a little routine mail does.",
  time: (given) => `Nothing spoke for or against it${part(given, "waitedS", (s) => ` within ${s} s`)}.`,
};
