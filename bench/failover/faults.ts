import type { Fault } from "../../src/lab/twins/index.ts";

/** What the primary does from an instant on, in the words of the twins. */
export type FaultCase = { name: string; says: string; fault: Fault; inQuick: boolean };

export const FAULTS: readonly FaultCase[] = [
  {
    name: "black hole",
    says: "answers as always, throws the mail away",
    fault: { mode: "accept-then-drop" },
    inQuick: true,
  },
  {
    name: "suspension",
    says: "answers 200, status queued, queued_reason account-suspended, and sends nothing",
    fault: { mode: "suspended", variant: "account-suspended" },
    inQuick: true,
  },
  {
    name: "5xx",
    says: "answers 500 to every send and takes nothing",
    fault: { mode: "5xx", taken: false },
    inQuick: true,
  },
  {
    name: "5xx though taken",
    says: "takes and delivers the message, then answers 500",
    fault: { mode: "5xx", taken: true },
    inQuick: true,
  },
  {
    name: "no answer",
    says: "takes nothing and never answers",
    fault: { mode: "time-out", taken: false },
    inQuick: false,
  },
];
