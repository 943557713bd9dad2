import { createHash, createHmac } from "node:crypto";

/**
 * AWS Signature Version 4, in the Authorization header. Source: "Create a signed AWS API request" (AWS IAM User Guide,
 * seen 2026-11-25). Why it is our own: docs/decisions/0009.
 */
export type SigV4Key = { accessKeyId: string; secretAccessKey: string };
export type SigV4Scope = { region: string; service: string };
export type SigV4Request = {
  method: string;
  /** As it goes over the wire: escaped once, with its query. */
  path: string;
  /** Names in lower case. All of them are signed, so give only what no proxy changes; `host` must be one of them. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
};

const ALGORITHM = "AWS4-HMAC-SHA256";

/**
 * The headers to send: those given, `x-amz-date` and `authorization`.
 * @param nowMs AWS refuses what is more than 15 minutes (of some services 5) off its own clock.
 */
export function signed(
  request: SigV4Request,
  key: SigV4Key,
  { region, service }: SigV4Scope,
  nowMs: number,
): Record<string, string> {
  const stamp = stampOf(nowMs);
  const headers = { ...request.headers, "x-amz-date": stamp };
  const names = Object.keys(headers).toSorted();
  const scope = `${stamp.slice(0, 8)}/${region}/${service}/aws4_request`;
  const canonical = canonicalRequest({ ...request, headers }, names);
  const signature = signatureOf(canonical, stamp, scope, key.secretAccessKey);
  const authorization = `${ALGORITHM} Credential=${key.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { ...headers, authorization };
}

/** What both sides hash; exported, because whoever checks a signature has to make the same text of what arrived. */
export function canonicalRequest(request: SigV4Request, signedNames: readonly string[]): string {
  const cut = request.path.indexOf("?");
  const path = cut === -1 ? request.path : request.path.slice(0, cut);
  const query = cut === -1 ? "" : request.path.slice(cut + 1);
  return [
    request.method.toUpperCase(),
    // "Each path segment must be URI-encoded twice (except for Amazon S3, which only gets encoded once)."
    path.split("/").map(encoded).join("/"),
    canonicalQuery(query),
    // Values trimmed, runs of blanks as one.
    ...signedNames.map((name) => `${name}:${(request.headers[name] ?? "").trim().replace(/ +/g, " ")}`),
    "",
    signedNames.join(";"),
    sha256(request.body),
  ].join("\n");
}

/** @param scope `20261125/eu-central-1/ses/aws4_request` */
export function signatureOf(canonical: string, stamp: string, scope: string, secretAccessKey: string): string {
  const text = [ALGORITHM, stamp, scope, sha256(canonical)].join("\n");
  const signing = scope
    .split("/")
    .reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secretAccessKey}`, "utf8"));
  return hmac(signing, text).toString("hex");
}

/** `20261125T093000Z` */
const stampOf = (nowMs: number): string => new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, "");

function canonicalQuery(query: string): string {
  if (query === "") return "";
  return query
    .split("&")
    .map((pair) => {
      const at = pair.indexOf("=");
      const name = at === -1 ? pair : pair.slice(0, at);
      const value = at === -1 ? "" : pair.slice(at + 1);
      return [encoded(decodeURIComponent(name)), encoded(decodeURIComponent(value))] as const;
    })
    .toSorted(([a, x], [b, y]) => (a === b ? (x < y ? -1 : x > y ? 1 : 0) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** RFC 3986 §2.3: only the unreserved characters stand for themselves. */
export const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (value: string | Buffer): string => createHash("sha256").update(value).digest("hex");
const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text, "utf8").digest();
