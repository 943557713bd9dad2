import { hash } from "node:crypto";
import { z } from "zod";

/**
 * What of a canary must arrive as it was sent, in hashes: any node can check it, and a row tells nothing of the text.
 * Of a sign-up's mail, which the application writes, nothing but the addresses that may be in it is known.
 */
export type Expected = {
  /** Whose it is: From, in small letters. */
  author: string | null;
  replyTo: string | null;
  /** Of the decoded and evened-out text; null: there is no such part. Absent: not known. */
  subject?: string;
  text?: string | null;
  html?: string | null;
  /** Of each address and link in it. */
  addresses: string[];
  links: string[];
};

const EXPECTED = z.object({
  author: z.string().nullable(),
  replyTo: z.string().nullable(),
  subject: z.string().optional(),
  text: z.string().nullable().optional(),
  html: z.string().nullable().optional(),
  addresses: z.array(z.string()),
  links: z.array(z.string()),
});
export const readExpected = (value: unknown): Expected => EXPECTED.parse(value) as Expected;

export const hashOf = (text: string): string => hash("sha256", text, "base64url").slice(0, 22);

/** Line ends and blanks at the ends of lines are no content: a hop that encodes anew may change them. */
export const evened = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trimEnd()) // no pattern: one with `+$` looks at a long run of blanks once from each of them
    .join("\n")
    .trim();
