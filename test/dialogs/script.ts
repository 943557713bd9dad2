/**
 * A dialog with the SMTP door, written as text; one step a line.
 *
 *     # …                 a remark
 *     WITH name value     how the door and what is behind it are set up (dialogs.test.ts lists the names)
 *     C: text             the client sends a line; lines with nothing between them go out as one piece
 *     C> text             … or just these octets, without CR LF
 *     S: text             the server answers one line; `*` stands for anything
 *     S* 250              the server answers with a whole reply of that code, of however many lines
 *     TLS                 the client begins TLS
 *     END                 the client ends its side of the connection
 *     CLOSED              the server closes, and says nothing more
 *     WAIT 5m             time passes
 *     STOP                the door is stopped
 *     RELEASE             the message that waits (WITH answer waiting) is accepted
 *     GOT what value      what arrived behind the door (dialogs.test.ts lists them)
 *
 * In what the client sends and in GOT: \r \n \t \0 \\ \xHH, and {600 a} for six hundred times `a`.
 */
export type Step = { at: number; word: string; rest: string };

export function readScript(text: string): Step[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const match = /^(C:|C>|S:|S\*|[A-Z]+)(?: (.*))?$/.exec(line);
    if (!match) throw new Error(`line ${index + 1} is no step: ${line}`);
    return [{ at: index + 1, word: match[1]!, rest: match[2] ?? "" }];
  });
}

const ESCAPES: Record<string, string> = { r: "\r", n: "\n", t: "\t", "0": "\0", "\\": "\\" };

/** Octets a client sends: text is UTF-8, escapes are octets. */
export const octetsOf = (text: string): Buffer =>
  Buffer.from(
    Buffer.from(text, "utf8")
      .toString("latin1")
      .replace(/\{(\d+) ([^}]+)\}/g, (_, count: string, what: string) => what.repeat(Number(count)))
      .replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, letter: string) =>
        hex === undefined ? ESCAPES[letter]! : String.fromCharCode(Number.parseInt(hex, 16)),
      ),
    "latin1",
  );

/** Whether a line is as the script says. */
export const matches = (line: string, expected: string): boolean =>
  new RegExp(
    `^${expected
      .split("*")
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  ).test(line);
