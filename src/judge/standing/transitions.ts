import type { InputKind } from "./inputs.ts";
import type { State } from "./standing.ts";

/**
 * The machine as data. Each state names each input: where it leads, or `null` where it changes nothing, so that a
 * new input cannot be forgotten anywhere. A `when` that does not hold leaves the standing as it is.
 *
 *   HEALTHY → SUSPECT → DOWN → PROBING → HEALTHY
 *
 * EVENTS_DARK never leads to DOWN on the provider's events alone; QUARANTINED is left by two people only, and to DOWN:
 * canaries have to prove the provider before mail does.
 */
export type Guard =
  | "not-partial"
  | "only-partial"
  | "not-account"
  | "only-silence"
  | "dwell-over"
  | "step-over"
  | "deadline-over"
  | "two-people";
export type Rule = { to: State; when?: Guard } | null;

const to = (state: State, when?: Guard): Rule => (when === undefined ? { to: state } : { to: state, when });

/** What convicts at once, whatever else is thought of it. */
const CONVICTS = {
  "silence-certain": to("DOWN"),
  "burst-missed": to("DOWN"),
  "account-suspended": to("DOWN"),
  "key-refused": to("DOWN"),
  unreachable: to("DOWN"),
  contradiction: to("QUARANTINED"),
  "breach-seen": to("QUARANTINED"),
  "pin-off": to("PINNED_OFF"),
} as const;
const NOT_PINNED = { unpin: null, "release-quarantine": null } as const;

export const TRANSITIONS: Readonly<Record<State, Readonly<Record<InputKind, Rule>>>> = {
  HEALTHY: {
    ...CONVICTS,
    ...NOT_PINNED,
    silence: to("SUSPECT"),
    "partial-loss": to("SUSPECT"),
    "account-refused": to("SUSPECT"),
    "events-silent": to("EVENTS_DARK"),
    "events-back": null,
    "burst-arrived": null,
    "silence-refuted": null,
    "loss-ended": null,
    exonerated: null,
    "canaries-in-a-row": null,
    untested: null,
    time: null,
  },
  SUSPECT: {
    ...CONVICTS,
    ...NOT_PINNED,
    silence: null,
    // Some always arrive of a partial loss: a burst that arrives says nothing against it.
    "partial-loss": to("SUSPECT", "not-account"),
    "account-refused": to("DOWN"),
    // All events are gone while canaries arrive: what looked like missing messages were missing events.
    "events-silent": to("EVENTS_DARK", "not-account"),
    "events-back": null,
    "burst-arrived": to("HEALTHY", "not-partial"),
    "silence-refuted": to("HEALTHY", "only-silence"),
    "loss-ended": to("HEALTHY", "only-partial"),
    exonerated: to("HEALTHY", "not-account"),
    "canaries-in-a-row": null,
    untested: null,
    time: to("DOWN", "deadline-over"),
  },
  DOWN: {
    ...NOT_PINNED,
    contradiction: to("QUARANTINED"),
    "breach-seen": to("QUARANTINED"),
    "pin-off": to("PINNED_OFF"),
    silence: null,
    "silence-certain": null,
    "burst-missed": null,
    "account-suspended": null,
    "key-refused": null,
    unreachable: null,
    "partial-loss": null,
    "account-refused": null,
    "events-silent": null,
    "events-back": null,
    "burst-arrived": null,
    "silence-refuted": null,
    "loss-ended": null,
    // Found out late: what was our own outage need not wait for a dwell and a ramp.
    exonerated: to("HEALTHY", "only-silence"),
    "canaries-in-a-row": to("PROBING", "dwell-over"),
    untested: to("PROBING", "dwell-over"),
    time: null,
  },
  PROBING: {
    ...CONVICTS,
    ...NOT_PINNED,
    // On trial a doubt is enough.
    silence: to("DOWN"),
    "partial-loss": to("DOWN"),
    "account-refused": to("DOWN"),
    "events-silent": null,
    "events-back": null,
    "burst-arrived": null,
    "silence-refuted": null,
    "loss-ended": null,
    exonerated: null,
    "canaries-in-a-row": null,
    untested: null,
    time: to("HEALTHY", "step-over"),
  },
  EVENTS_DARK: {
    ...NOT_PINNED,
    contradiction: to("QUARANTINED"),
    "breach-seen": to("QUARANTINED"),
    "pin-off": to("PINNED_OFF"),
    "account-suspended": to("DOWN"),
    "key-refused": to("DOWN"),
    unreachable: to("DOWN"),
    // Canaries need no events: their silence still convicts. That of events does not.
    "burst-missed": to("DOWN"),
    "silence-certain": null,
    silence: null,
    "partial-loss": null,
    "account-refused": to("SUSPECT"),
    "events-silent": null,
    "events-back": to("HEALTHY"),
    "burst-arrived": null,
    "silence-refuted": null,
    "loss-ended": null,
    exonerated: null,
    "canaries-in-a-row": null,
    untested: null,
    time: null,
  },
  QUARANTINED: {
    ...everything(null),
    "release-quarantine": to("DOWN", "two-people"),
  },
  PINNED_OFF: {
    ...everything(null),
    contradiction: to("QUARANTINED"),
    "breach-seen": to("QUARANTINED"),
    unpin: to("PROBING"),
  },
};

function everything(rule: Rule): Record<InputKind, Rule> {
  return {
    silence: rule,
    "silence-certain": rule,
    "burst-missed": rule,
    "burst-arrived": rule,
    "silence-refuted": rule,
    "partial-loss": rule,
    "loss-ended": rule,
    "account-refused": rule,
    "account-suspended": rule,
    "key-refused": rule,
    unreachable: rule,
    "events-silent": rule,
    "events-back": rule,
    contradiction: rule,
    "breach-seen": rule,
    exonerated: rule,
    "canaries-in-a-row": rule,
    untested: rule,
    time: rule,
    "pin-off": rule,
    unpin: rule,
    "release-quarantine": rule,
  };
}
