import { createHmac, timingSafeEqual } from "node:crypto";
import type { AcceptPort, Submitter } from "../../submission.ts";
import { type WireRequest, canonicalRequest, sha256, valuesOf } from "./canonical.ts";
import { type SesError, isSesError, sesError } from "./errors.ts";

/**
 * Checks AWS Signature Version 4 in the Authorization header, over the octets that came ("Create a signed AWS API
 * request", AWS IAM User Guide, seen 2026-11-25). Code of its own: that which signs is in providers/ses. In two steps,
 * since who asks should be known before a body is read: `readSignature`, then `isPayload` of the body.
 */
export type Signature = {
  submitter: Submitter;
  /** Of the body as the client announced it, and signed it; null: it is to be made of the body. */
  announced: string | null;
  /** Whether the signature holds for a body with this hash. Constant time. */
  holdsFor(payloadHash: string): boolean;
};

/** AWS's own services take 5 to 15 minutes. Clients with a wrong clock read ours in `Date` and sign again. */
const WINDOW_MS = 5 * 60_000;
const ALGORITHM = "AWS4-HMAC-SHA256";
const SERVICE = "ses";
const FORM =
  /^AWS4-HMAC-SHA256 +Credential=([^/\s,]{1,128})\/(\d{8})\/([a-z0-9-]{1,64})\/([a-z0-9-]{1,64})\/aws4_request *, *SignedHeaders=([^\s,]+) *, *Signature=([0-9a-f]{64})$/;
const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** Which key signed the request, for which day, and whether that may be; everything but the signature itself is checked. */
export function readSignature(request: WireRequest, port: AcceptPort, nowMs: number): Signature | SesError {
  const given = valuesOf(request, "authorization");
  if (given.length === 0) return withoutHeader(request);
  const [, id, date, region, service, names, signature] = (given.length === 1 && FORM.exec(given[0]!)) || [];
  if (!id || !date || !region || !service || !names || !signature) return malformed(given[0]!);
  const signedHeaders = names.split(";");
  const unsigned = unsignedOf(request, signedHeaders);
  if (unsigned !== null) return incomplete(`'${unsigned}' must be a signed header, once and in order.`);
  if (valuesOf(request, "x-amz-security-token").length > 0) {
    return sesError(
      403,
      "UnrecognizedClientException",
      "Session tokens (X-Amz-Security-Token) are not supported by this server (Postern): use the access key of a Postern credential.",
    );
  }
  if (service !== SERVICE) return doesNotMatch(`Credential should be scoped to correct service: '${SERVICE}'.`);
  const stamp = valuesOf(request, "x-amz-date")[0]!;
  const skew = skewOf(stamp, date, nowMs);
  if (skew !== null) return skew;
  const payload = announcedPayload(request);
  if (isSesError(payload)) return payload;
  const known = port.signingKey(id, { date, region, service });
  if (!known) {
    return sesError(403, "UnrecognizedClientException", "The security token included in the request is invalid.");
  }
  const scope = `${date}/${region}/${service}/aws4_request`;
  return {
    submitter: known.submitter,
    announced: payload,
    holdsFor(payloadHash) {
      const canonical = canonicalRequest(request, signedHeaders, payloadHash);
      if (canonical === undefined) return false;
      const text = `${ALGORITHM}\n${stamp}\n${scope}\n${sha256(canonical)}`;
      return timingSafeEqual(createHmac("sha256", known.key).update(text).digest(), Buffer.from(signature, "hex"));
    },
  };
}

export const WRONG_SIGNATURE = doesNotMatch(
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
);

/** Presigned addresses travel through logs and histories, and carry no hash of a body. */
function withoutHeader({ target }: WireRequest): SesError {
  return /[?&]X-Amz-(?:Algorithm|Signature|Credential)=/i.test(target)
    ? incomplete(
        "Signatures in the query are not supported by this server (Postern): sign in the Authorization header.",
      )
    : sesError(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
}

const malformed = (authorization: string): SesError =>
  incomplete(
    authorization.startsWith(`${ALGORITHM} `)
      ? "Authorization header requires 'Credential' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires 'Signature' parameter."
      : `Only ${ALGORITHM} in one Authorization header is supported by this server (Postern).`,
  );

const incomplete = (message: string): SesError => sesError(403, "IncompleteSignatureException", message);
function doesNotMatch(message: string): SesError {
  return sesError(403, "InvalidSignatureException", message);
}

/**
 * A header that has to be signed and is not, or null. Host and everything of x-amz-… must be; the list must be sorted and
 * free of repetitions, or two lists would mean one text. Content-Type need not be: nothing here is decided by it.
 */
function unsignedOf(request: WireRequest, signedHeaders: readonly string[]): string | null {
  for (const [n, name] of signedHeaders.entries()) {
    if (name !== name.toLowerCase() || (n > 0 && signedHeaders[n - 1]! >= name)) return name;
  }
  const given = request.rawHeaders.flatMap((name, n) => (n % 2 === 0 ? [name.toLowerCase()] : []));
  const due = ["host", "x-amz-date", ...given.filter((name) => name.startsWith("x-amz-"))];
  return (
    due.find((name) => !signedHeaders.includes(name)) ??
    ["host", "x-amz-date", "x-amz-content-sha256"].find((name) => valuesOf(request, name).length > 1) ??
    ["host", "x-amz-date"].find((name) => valuesOf(request, name).length === 0) ??
    null
  );
}

function skewOf(stamp: string, date: string, nowMs: number): SesError | null {
  const parts = DATE.exec(stamp);
  const at = parts ? Date.parse(stamp.replace(DATE, "$1-$2-$3T$4:$5:$6Z")) : Number.NaN;
  if (Number.isNaN(at)) return incomplete("X-Amz-Date must be in ISO-8601 'basic format', such as 20261125T093000Z.");
  if (stamp.slice(0, 8) !== date)
    return doesNotMatch("Date in Credential scope does not match YYYYMMDD from X-Amz-Date.");
  if (Math.abs(nowMs - at) <= WINDOW_MS) return null;
  const now = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, "");
  return at < nowMs
    ? doesNotMatch(`Signature expired: ${stamp} is now earlier than ${now} - 5 min.`)
    : doesNotMatch(`Signature not yet current: ${stamp} is still later than ${now} + 5 min.`);
}

/** The hash a client says its body has; null where it says none. */
function announcedPayload(request: WireRequest): string | null | SesError {
  const [given] = valuesOf(request, "x-amz-content-sha256");
  if (given === undefined) return null;
  if (/^[0-9a-f]{64}$/.test(given)) return given;
  return sesError(
    400,
    "BadRequestException",
    "x-amz-content-sha256 must be the SHA-256 of the body: unsigned and streamed bodies are not supported by this server (Postern).",
  );
}
