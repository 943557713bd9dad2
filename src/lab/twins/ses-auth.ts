import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { TwinAccount } from "./account.ts";
import type { TwinReply, TwinRequest } from "./dialect.ts";

/** Ids of the keys a new account has; the keys themselves are given when the twin starts. */
export const SES_ACCESS_KEY_ID = "AKIALABSES0000000001";
export const SES_READ_KEY_ID = "AKIALABSES0000000002";

/** AWS's form of an error (restJson1): the name in a header, words in the body. */
export const sesError = (status: number, type: string, message: string): TwinReply => ({
  status,
  headers: { "x-amzn-errortype": type, "x-amzn-requestid": "00000000-0000-4000-8000-000000000000" },
  body: { message },
});

/** 15 minutes to both sides ("Signature Version 4", "Protecting against replay"). */
const WINDOW_MS = 15 * 60_000;
const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/\s,]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request,\s*SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})$/;

/** Checks a request's Signature Version 4, by code of its own: not that which signs. */
export function authorised(
  request: TwinRequest,
  account: TwinAccount,
  nowMs: number,
): { mayOnlyRead: boolean } | TwinReply {
  const given = request.headers["authorization"];
  if (given === undefined) return sesError(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
  const [, id, day, region, service, names, signature] = FORM.exec(given) ?? [];
  const stamp = request.headers["x-amz-date"] ?? "";
  if (!id || !day || !region || !names || !signature || !stamp.startsWith(day)) {
    return sesError(403, "IncompleteSignatureException", "Authorization header requires existence of its parts.");
  }
  const secret = secretOf(account, id);
  if (secret === null) {
    return sesError(403, "UnrecognizedClientException", "The security token included in the request is invalid.");
  }
  if (service !== "ses") {
    return sesError(403, "SignatureDoesNotMatch", `Credential should be scoped to correct service: 'ses'. `);
  }
  const at = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (Number.isNaN(at) || Math.abs(nowMs - at) > WINDOW_MS) {
    return sesError(
      403,
      "SignatureDoesNotMatch",
      `Signature expired: ${stamp} is now earlier than it may be (15 min.)`,
    );
  }
  const hash = createHash("sha256")
    .update(textOf(request, names.split(";")))
    .digest("hex");
  const text = `AWS4-HMAC-SHA256\n${stamp}\n${day}/${region}/ses/aws4_request\n${hash}`;
  const mac = (key: string | Buffer, value: string) => createHmac("sha256", key).update(value).digest();
  const key = mac(mac(mac(mac(`AWS4${secret.text}`, day), region), "ses"), "aws4_request");
  if (!names.split(";").includes("host") || !timingSafeEqual(mac(key, text), Buffer.from(signature, "hex"))) {
    return sesError(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
  return { mayOnlyRead: secret.mayOnlyRead };
}

/** A key that was taken from the account's lists is a revoked one. */
function secretOf(account: TwinAccount, id: string): { text: string; mayOnlyRead: boolean } | null {
  const text = account.things("key").get(id)?.["secret"];
  if (typeof text !== "string") return null;
  if (account.apiKeys.has(text)) return { text, mayOnlyRead: false };
  return account.readKeys.has(text) ? { text: text.replace(/^[^:]*:/, ""), mayOnlyRead: true } : null;
}

function textOf(request: TwinRequest, names: readonly string[]): string {
  const twice = request.path.split("/").map(escaped).join("/");
  const query = [...request.query]
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .toSorted()
    .join("&");
  const headers = names.map((name) => `${name}:${(request.headers[name] ?? "").trim().replace(/ {2,}/g, " ")}\n`);
  const body = createHash("sha256").update(request.body).digest("hex");
  return `${request.method}\n${twice}\n${query}\n${headers.join("")}\n${names.join(";")}\n${body}`;
}

const escaped = (text: string): string =>
  [...Buffer.from(text)]
    .map((octet) => {
      const char = String.fromCharCode(octet);
      return /[A-Za-z0-9._~-]/.test(char) ? char : `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
