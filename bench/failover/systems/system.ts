import type { Undo } from "../../relay/undo.ts";
import type { Told } from "../book.ts";
import type { Pair } from "../pair.ts";

export type Letter = { from: string; to: string; subject: string; text: string };

/** A way of an application to two providers. */
export type System = {
  name: string;
  title: string;
  /** What stands for it here, in a line: the program itself, or its policy restated and from where. */
  made: string;
  /** It gives each provider its share while all is well: mail at the standby says nothing of a decision. */
  spreads: boolean;
  /** Has a queue of its own: what it accepted can still arrive when the call has long returned. */
  keeps: boolean;
  /** Null where it can be run here; else why not, and what would help. */
  missing(): string | null;
  start(place: { pair: Pair; folder: string; undo: Undo }): Promise<Client>;
};

export type Client = {
  version: string;
  /** What the application calls. Resolves with what it is told; never throws. */
  send(letter: Letter): Promise<Told>;
};
