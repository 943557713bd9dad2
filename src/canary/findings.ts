/** What was found of a canary that arrived, or why it was none. Codes are stable: docs/canaries.md. */
export const FINDING_CODES = [
  // Somebody changed what it says: the result is `altered`.
  "address-foreign",
  "link-foreign",
  "address-in-field",
  "link-rewritten",
  "text-changed",
  "html-changed",
  "subject-changed",
  "author-changed",
  "reply-to-changed",
  "part-added",
  // It arrived as it was sent, but not as it should.
  "dkim-missing",
  "dkim-failed",
  "dmarc-failed",
  "header-added",
  "return-path-foreign",
  "tls-missing",
  "arrived-twice",
  "unreadable",
  "not-checked",
  // It never was on its way.
  "refused-by-us",
  "refused-by-provider",
  "never-tried",
  // Of sign-ups.
  "sign-up-silent",
  "sign-up-failed",
  "link-elsewhere",
  "link-missing",
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

/** `detail`: for people; never a recipient's address, a body or a token. */
export type Finding = { code: FindingCode; detail: string };

const ALTERED: ReadonlySet<FindingCode> = new Set(FINDING_CODES.slice(0, FINDING_CODES.indexOf("dkim-missing")));

/** Somebody changed what the mail says or where it leads. */
export const isAltered = (findings: readonly Finding[]): boolean => findings.some(({ code }) => ALTERED.has(code));

const DETAIL_CHARACTERS = 300;
export const finding = (code: FindingCode, detail: string): Finding => ({
  code,
  detail: detail.replaceAll(/\p{Cc}/gu, " ").slice(0, DETAIL_CHARACTERS),
});
