import type { Use } from "./standing.ts";

const STRICTNESS: Readonly<Record<Use["use"], number>> = { yes: 0, share: 1, avoid: 2, no: 3 };

/** Where two say what a provider may be used for, the stricter one counts. */
export const isStricter = (one: Use, other: Use): boolean =>
  STRICTNESS[one.use] > STRICTNESS[other.use] ||
  (one.use === "share" && other.use === "share" && one.share < other.share);
