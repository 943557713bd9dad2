import { SECOND_MS } from "../../kernel/index.ts";

/** Sessions have no timers of their own: one sweep of the door looks after all of them. */
export const SWEEP_MS = SECOND_MS;
/** A TLS handshake is four packets; thirty seconds are for a very bad line. */
export const HANDSHAKE_MS = 30 * SECOND_MS;
/** How long a client has to read our last reply and close. Closing first could make its kernel drop what it has not read. */
export const LINGER_MS = 5 * SECOND_MS;
/** While all sessions are taken, one that did not log in yet may be silent for so long. */
export const STRESSED_IDLE_MS = 10 * SECOND_MS;
/** A message must come at least this fast on the whole (beyond one idle time): a modem's pace, and the end of single octets a minute. */
export const LEAST_DATA_OCTETS_PER_S = 1024;
