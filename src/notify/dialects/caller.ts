/**
 * What stands for a signature where a vendor has none (Postmark; SNS with raw delivery): HTTP Basic of the webhook's address
 * (RFC 7617 §2), or a header field that the receiver was told to look for.
 * @param secret `user:password`, or `X-Name: value`; config has checked it.
 */
export function callerHeaders(secret: string): Record<string, string> {
  const field = /^(X-[A-Za-z0-9-]+): (.+)$/i.exec(secret);
  return field
    ? { [field[1]!.toLowerCase()]: field[2]! }
    : { authorization: `Basic ${Buffer.from(secret).toString("base64")}` };
}
