import type { ApiKind } from "../config/index.ts";
import type { DnsRecord } from "../providers/index.ts";
import type { FoundDomain } from "./findings.ts";

export type AdvisedRecord = Omit<DnsRecord, "purpose"> & { purpose: DnsRecord["purpose"] | "DMARC"; note: string };

/**
 * The records of one domain: those the provider wants, and a policy. Of SPF and of DMARC a domain has
 * one record each, so the first is told as what must be in it, and the other as a suggestion.
 */
export const recordsFor = ({ domain, records }: FoundDomain): AdvisedRecord[] => [
  ...records.map((record) => ({ ...record, note: noteOf(record) })),
  {
    purpose: "DMARC",
    type: "TXT",
    name: `_dmarc.${domain}`,
    value: `v=DMARC1; p=none; rua=mailto:dmarc@${domain}`,
    isFound: null,
    note: "a beginning; keep the one you have, and go to p=reject once reports show that all of your mail passes",
  },
];

function noteOf({ purpose, value, isFound }: DnsRecord): string {
  if (purpose === "SPF" && value.startsWith("include:")) return "within the one SPF record of the name";
  return isFound === true ? "keep" : isFound === false ? "publish" : "";
}

/** What changes in the application: its client's base address and key. docs/compatibility.md has the same lines. */
export function applicationLine(kind: ApiKind, url: string): { client: string; line: string } {
  const { host, protocol } = new URL(url);
  switch (kind) {
    case "mandrill":
      return { client: "any client of Mandrill's API", line: `https://mandrillapp.com/api/1.0 → ${url}/api/1.0` };
    case "sendgrid":
      return { client: "@sendgrid/mail", line: `sendgrid.setDefaultRequest("baseUrl", "${url}"); // after setApiKey` };
    case "postmark": {
      const options = `{ useHttps: ${protocol === "https:"}, requestHost: "${host}" }`;
      return { client: "postmark", line: `new ServerClient(POSTERN_KEY, ${options});` };
    }
    case "mailgun":
      return {
        client: "mailgun.js",
        line: `new Mailgun(FormData).client({ username: "api", key: POSTERN_KEY, url: "${url}" });`,
      };
    case "resend":
      return { client: "resend", line: `RESEND_BASE_URL=${url} # in the environment, before it is loaded` };
    case "ses":
      return { client: "@aws-sdk/client-sesv2", line: `new SESv2Client({ endpoint: "${url}", region, credentials });` };
  }
}
