/**
 * The named moments at which a crash hurts most. Production reaches them with a function that does nothing;
 * the crash tests kill the process there (test/crash).
 */
export const FAILPOINTS = [
  "accept.before-commit",
  "accept.after-commit",
  "handoff.before-intent",
  "handoff.after-intent",
  "handoff.after-answer",
  "settle.before-commit",
  "settle.after-commit",
] as const;
/** Of notices of providers: not on a message's way. */
type NoticeFailpoint = "notices.before-commit" | "notices.after-commit";
export type FailpointName = (typeof FAILPOINTS)[number] | NoticeFailpoint;
export type Failpoint = (name: FailpointName) => void;

export const noFailpoint: Failpoint = () => {};
