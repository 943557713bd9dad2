import type { Progress } from "../../adopt/index.ts";
import { printable } from "../text.ts";
import { span } from "../when.ts";
import { print, type Screen } from "../world.ts";

const EVERY = 1_000;

/** What is being read, on standard error: a line that counts where a person looks, a line a thousand and a part elsewhere. */
export function progressOn(screen: Screen): { progress: Progress; waits(ms: number, reason: string): void } {
  const { isTerminal } = screen;
  const say = (text: string, isLast: boolean): void => {
    if (isTerminal) screen.write(`\r\x1b[2K${text}${isLast ? "\n" : ""}`);
    else print(screen, text);
  };
  return {
    progress(part, count, isEnd) {
      if (isEnd) say(`read ${part}: ${count.toLocaleString("en")}`, true);
      else if (isTerminal || count % EVERY === 0) say(`reading ${part}: ${count.toLocaleString("en")} …`, false);
    },
    waits: (ms, reason) => say(`waiting ${span(ms)} before asking again: ${printable(reason)}`, true),
  };
}
