import type { Place, Ran } from "../../lab/rehearsal/index.ts";

/** What a rehearsal and its processes say to each other. */
export type ToWorker =
  | { kind: "begin"; worker: number; server: Place["target"] }
  | { kind: "run"; scenario: string; seed: number };
export type FromWorker = { kind: "ready" } | { kind: "ran"; ran: Ran } | { kind: "failed"; sentence: string };
