/**
 * A try that counts no longer: its message went out once more, because nobody could say what became of it, or because a
 * verdict fell on its provider (`disbelieved`: one that says "delivered" of what did not arrive). At most one for each
 * message, whatever the ground: never more than two copies.
 */
export const isGivenUp = ({ resolved }: { resolved: string | null }): boolean =>
  resolved === "resent" || resolved === "disbelieved";

/** Given up although the provider had said yes: it is never asked to carry this message again. */
export const isTakenAndGivenUp = (attempt: { outcome: string | null; resolved: string | null }): boolean =>
  attempt.outcome === "accepted" && isGivenUp(attempt);
