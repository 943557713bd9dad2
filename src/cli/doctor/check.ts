/**
 * What doctor finds. ok: as it should be · warning: works, but should be meant · wrong: mail is refused, late or at
 * risk · not checked: could not be looked at from here, and why.
 */
export const CHECK_STATES = ["ok", "warning", "wrong", "not checked"] as const;
export type CheckState = (typeof CHECK_STATES)[number];
export type Check = {
  name: string;
  state: CheckState;
  /** What was found. */
  sentence: string;
  /** What to do; null where nothing is to be done. */
  next: string | null;
};

export const ok = (name: string, sentence: string): Check => ({ name, state: "ok", sentence, next: null });
export const warning = (name: string, sentence: string, next: string): Check => ({
  name,
  state: "warning",
  sentence,
  next,
});
export const wrong = (name: string, sentence: string, next: string): Check => ({
  name,
  state: "wrong",
  sentence,
  next,
});
export const notChecked = (name: string, sentence: string): Check => ({
  name,
  state: "not checked",
  sentence,
  next: null,
});
