import type { SentMessage } from "./account.ts";

/** Tells of work that goes on behind sockets; what it returns ends it. */
export type Begin = (what: string) => () => void;

/** What becomes of one message that a vendor sent on its way. */
export type Fate = {
  /** False: it is gone, whatever a notice says of it. */
  arrives: boolean;
  /** From when it was sent on its way. */
  arrivesAfterMs: number;
  /** From then on too: when a notice says that it was delivered. Null: nothing ever says so. */
  toldAfterMs: number | null;
};

/** How the world behind a vendor is: asked once for each message. */
export type TwinWeather = {
  fateOf(message: SentMessage): Fate;
  /**
   * Asked each time a message is at its receiver's door, after so many tries. A number: the receiver says 4xx, and it is tried
   * again so many milliseconds later. Null: it is let in.
   */
  putOffMs?(message: SentMessage, tries: number): number | null;
};
