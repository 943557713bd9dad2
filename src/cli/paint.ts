/** Colours, only where a person looks and wants them (https://no-color.org). */
export type Paint = {
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  quiet(text: string): string;
  strong(text: string): string;
};

const wrapIn =
  (on: number, off: number) =>
  (text: string): string =>
    `\x1b[${on}m${text}\x1b[${off}m`;
const plain = (text: string): string => text;

export const noPaint: Paint = { good: plain, warn: plain, bad: plain, quiet: plain, strong: plain };

const colours: Paint = {
  good: wrapIn(32, 39),
  warn: wrapIn(33, 39),
  bad: wrapIn(31, 39),
  quiet: wrapIn(2, 22),
  strong: wrapIn(1, 22),
};

export function paintFor(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): Paint {
  const refused = (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";
  return isTerminal && !refused ? colours : noPaint;
}
