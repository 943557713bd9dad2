const DIAGNOSTIC_CHARACTERS = 300;
const ADDRESS = /[^\s<>()[\]"',;:]{1,64}@[^\s<>()[\]"',;:]{1,255}/g;
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\s\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Cf}]+/gu;
// oxlint-disable-next-line no-control-regex
const PLAIN = /^[\x20-\x3f\x41-\x7e]*$/; // printable ASCII without @

/**
 * What a provider said, for rows and people: one line, no controls, no addresses (they may be recipients'). Whole Unicode
 * also where it was cut: half a surrogate pair is no JSON for PostgreSQL.
 */
export function diagnosticOf(text: string): string {
  const whole = text.length > 4 * DIAGNOSTIC_CHARACTERS ? text.slice(0, 4 * DIAGNOSTIC_CHARACTERS) : text;
  const line = PLAIN.test(whole) ? whole : whole.replace(UNPRINTABLE, " ").replace(ADDRESS, "[address]");
  return line.slice(0, DIAGNOSTIC_CHARACTERS).toWellFormed();
}
