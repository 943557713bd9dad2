/** What a report may cost to read. Anybody can send one, so the rest of a larger one is not looked at. */
export const REPORT_BOUNDS = {
  /** A report returns the header or all of the message; what it says itself is at its beginning. */
  octets: 1024 * 1024,
  depth: 10,
  parts: 100,
  headerFields: 500,
  /** Of the text for people, all parts together. */
  textCharacters: 64 * 1024,
  lines: 2_000,
  lineCharacters: 1_000,
  /** One message goes to at most 50 recipients; lists of others may be longer. */
  recipients: 100,
} as const;
