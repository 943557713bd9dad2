import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalRequest, signed } from "./sigv4.ts";

// AWS's own published example: key, request and each intermediate text ("Signature Version 4 test suite", get-vanilla…).
const KEY = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const SCOPE = { region: "us-east-1", service: "service" };
const AT = Date.UTC(2015, 7, 30, 12, 36, 0);
const HOST = { host: "example.amazonaws.com" };
const NOTHING = Buffer.alloc(0);

const signatureOf = (request: Parameters<typeof signed>[0]): string =>
  /Signature=([0-9a-f]{64})$/.exec(signed(request, KEY, SCOPE, AT)["authorization"]!)![1]!;

test("signs as AWS's test suite does", () => {
  const cases: [string, Parameters<typeof signed>[0], string][] = [
    [
      "get-vanilla",
      { method: "GET", path: "/", headers: HOST, body: NOTHING },
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ],
    [
      "post-vanilla",
      { method: "POST", path: "/", headers: HOST, body: NOTHING },
      "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ],
    [
      "get-vanilla-query-order-key-case",
      { method: "GET", path: "/?Param2=value2&Param1=value1", headers: HOST, body: NOTHING },
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
  ];
  for (const [name, request, expected] of cases) assert.equal(signatureOf(request), expected, name);
});

test("names key, day, region and service in the credential, and every header it signed", () => {
  const headers = signed({ method: "GET", path: "/", headers: HOST, body: NOTHING }, KEY, SCOPE, AT);
  assert.equal(headers["x-amz-date"], "20150830T123600Z");
  assert.match(
    headers["authorization"]!,
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/us-east-1\/service\/aws4_request, SignedHeaders=host;x-amz-date, Signature=/,
  );
});

test("a path is escaped once more than on the wire, as every service but S3 does", () => {
  const canonical = canonicalRequest(
    { method: "GET", path: "/v2/email/identities/a%40b.example", headers: HOST, body: NOTHING },
    ["host"],
  );
  assert.equal(canonical.split("\n")[1], "/v2/email/identities/a%2540b.example");
});

test("a query is sorted by name and escaped from what it means, however it was written", () => {
  const canonical = canonicalRequest(
    { method: "GET", path: "/x?b=%7E&a=2&a=1&empty&c=%2F+", headers: HOST, body: NOTHING },
    ["host"],
  );
  assert.equal(canonical.split("\n")[2], "a=1&a=2&b=~&c=%2F%2B&empty=");
});

test("another body, path, header, secret or second is another signature", () => {
  const base = { method: "POST", path: "/v2", headers: HOST, body: Buffer.from("a") };
  const made = new Set([
    signatureOf(base),
    signatureOf({ ...base, body: Buffer.from("b") }),
    signatureOf({ ...base, path: "/v3" }),
    signatureOf({ ...base, headers: { host: "other.example" } }),
    signed(base, { ...KEY, secretAccessKey: "other" }, SCOPE, AT)["authorization"]!.slice(-64),
    signed(base, KEY, SCOPE, AT + 1_000)["authorization"]!.slice(-64),
    signed(base, KEY, { ...SCOPE, region: "eu-west-1" }, AT)["authorization"]!.slice(-64),
  ]);
  assert.equal(made.size, 7);
});
