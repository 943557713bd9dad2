import { STORE_BOUNDS } from "./bounds.ts";
import type { PutRefusal, TemplateChange } from "./template.ts";

export type Refused = { kind: "refused"; code: PutRefusal; detail: string };
export const refused = (code: PutRefusal, detail: string): Refused => ({ kind: "refused", code, detail });

/** NUL, and halves of characters, which JSON writes as escapes and the database takes in neither form. A backslash before the same letters is none. */
const NO_TEXT_IN_JSON = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;
const NO_CONTROLS = /^\P{Cc}*$/u;

/** Why a text is no name of a template, or null. */
export function nameFault(name: string): string | null {
  if (name.trim() === "" || name !== name.trim() || name.length > STORE_BOUNDS.nameCharacters) {
    return `A name has 1 to ${STORE_BOUNDS.nameCharacters} characters and no space at its ends.`;
  }
  return NO_CONTROLS.test(name) && name.isWellFormed() ? null : "A name holds no control characters.";
}

const isLine = (text: string, most: number): boolean =>
  text.length <= most && NO_CONTROLS.test(text) && text.isWellFormed();

/** What may not be kept, before anything is asked of the database. */
export function changeFault(change: TemplateChange): Refused | null {
  const { aliases = [], labels = [], displayName = "", versionLabel = "", fallbacks = {}, extra = {} } = change;
  const { textCharacters } = STORE_BOUNDS;
  if (aliases.length > STORE_BOUNDS.aliases || aliases.some((alias) => nameFault(alias) !== null)) {
    return refused("template-name-invalid", `At most ${STORE_BOUNDS.aliases} aliases are kept, each a name.`);
  }
  if (change.name !== undefined) {
    const fault = nameFault(change.name);
    if (fault !== null) return refused("template-name-invalid", fault);
  }
  const invalid = (detail: string): Refused => refused("template-change-invalid", detail);
  if (labels.length > STORE_BOUNDS.labels || labels.some((label) => !isLine(label, STORE_BOUNDS.labelCharacters))) {
    return invalid(`At most ${STORE_BOUNDS.labels} labels of ${STORE_BOUNDS.labelCharacters} characters are kept.`);
  }
  const lines = [displayName, versionLabel, change.from ?? "", change.replyTo ?? ""];
  if (lines.some((line) => !isLine(line, textCharacters))) {
    return invalid(`Names and addresses are one line of at most ${textCharacters} characters.`);
  }
  const values = Object.values(fallbacks);
  const tooLong = values.some((value) => typeof value === "string" && value.length > STORE_BOUNDS.fallbackCharacters);
  if (values.length > STORE_BOUNDS.fallbacks || tooLong) {
    return invalid(
      `At most ${STORE_BOUNDS.fallbacks} variables are kept, each of ${STORE_BOUNDS.fallbackCharacters} characters.`,
    );
  }
  if (Buffer.byteLength(JSON.stringify(extra)) > STORE_BOUNDS.extraBytes) {
    return invalid(`Further members of a template may take ${STORE_BOUNDS.extraBytes} octets together.`);
  }
  if (NO_TEXT_IN_JSON.test(JSON.stringify([fallbacks, extra]))) {
    return invalid("Variables and further members are whole Unicode text without NUL.");
  }
  const sources = [change.subject, change.html, change.text];
  if (sources.some((source) => typeof source === "string" && (source.includes("\0") || !source.isWellFormed()))) {
    return invalid("Sources are whole Unicode text without NUL.");
  }
  return null;
}
