import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, mock, test } from "node:test";
import { GetAccountCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import { AWS_KEY, fakePort } from "../../../../test/support/http-door.ts";
import { type WireRequest, canonicalRequest, sha256 } from "./canonical.ts";
import { isSesError } from "./errors.ts";
import { readSignature } from "./signature.ts";

const NOTHING = sha256("");
const NONUNRESERVED = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const utf8 = (text: string): string => Buffer.from(text).toString("latin1");

/** "Signature Version 4 test suite", AWS General Reference: each request of it that HTTP can carry, and its signature. */
const SUITE: {
  name: string;
  method?: string;
  target?: string;
  headers?: [string, string][];
  body?: string;
  signature: string;
}[] = [
  {
    name: "get-header-key-duplicate",
    headers: [
      ["My-Header1", "value2"],
      ["My-Header1", "value2"],
      ["My-Header1", "value1"],
    ],
    signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
  },
  {
    name: "get-header-value-order",
    headers: [
      ["My-Header1", "value4"],
      ["My-Header1", "value1"],
      ["My-Header1", "value3"],
      ["My-Header1", "value2"],
    ],
    signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
  },
  {
    name: "get-header-value-trim",
    headers: [
      ["My-Header1", " value1"],
      ["My-Header2", ' "a   b   c"'],
    ],
    signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
  },
  {
    name: "get-unreserved",
    target: `/${NONUNRESERVED}`,
    signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
  },
  {
    name: "get-utf8",
    target: utf8("/ሴ"),
    signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
  },
  { name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
  {
    name: "get-vanilla-empty-query-key",
    target: "/?Param1=value1",
    signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
  },
  {
    name: "get-vanilla-query-order-key-case",
    target: "/?Param2=value2&Param1=value1",
    signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  },
  {
    name: "get-vanilla-query-unreserved",
    target: `/?${NONUNRESERVED}=${NONUNRESERVED}`,
    signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
  },
  {
    name: "get-vanilla-utf8-query",
    target: utf8("/?ሴ=bar"),
    signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
  },
  {
    name: "post-header-key-sort",
    method: "POST",
    headers: [["My-Header1", "value1"]],
    signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
  },
  {
    name: "post-header-value-case",
    method: "POST",
    headers: [["My-Header1", "VALUE1"]],
    signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
  },
  {
    name: "post-sts-header-before",
    method: "POST",
    headers: [
      [
        "X-Amz-Security-Token",
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==",
      ],
    ],
    signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
  },
  {
    name: "post-vanilla",
    method: "POST",
    signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  },
  {
    name: "post-vanilla-query",
    method: "POST",
    target: "/?Param1=value1",
    signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
  },
  {
    name: "post-vanilla-query-space",
    method: "POST",
    target: "/?p=",
    signature: "e71688addb58a26418614085fb730ba3faa623b461c17f48f2fbdb9361b94a9b",
  },
  {
    name: "post-x-www-form-urlencoded",
    method: "POST",
    headers: [["Content-Type", "application/x-www-form-urlencoded"]],
    body: "Param1=value1",
    signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  },
  {
    name: "post-x-www-form-urlencoded-parameters",
    method: "POST",
    headers: [["Content-Type", "application/x-www-form-urlencoded; charset=utf8"]],
    body: "Param1=value1",
    signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
  },
];

test("makes of each request of AWS's test suite the text that its signature is of", () => {
  const scope = "20150830/us-east-1/service/aws4_request";
  const mac = (key: Buffer | string, text: string): Buffer => createHmac("sha256", key).update(text).digest();
  const key = scope.split("/").reduce<Buffer>(mac, Buffer.from("AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
  for (const { name, method = "GET", target = "/", headers = [], body = "", signature } of SUITE) {
    const fields = [["Host", "example.amazonaws.com"], ...headers, ["X-Amz-Date", "20150830T123600Z"]];
    const signedHeaders = [...new Set(fields.map(([field]) => field!.toLowerCase()))].toSorted();
    const canonical = canonicalRequest({ method, target, rawHeaders: fields.flat() }, signedHeaders, sha256(body))!;
    const text = `AWS4-HMAC-SHA256\n20150830T123600Z\n${scope}\n${sha256(canonical)}`;
    assert.equal(mac(key, text).toString("hex"), signature, name);
  }
});

const NOW = Date.UTC(2026, 10, 25, 9, 30);

type Signed = {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: string;
};
type Change = {
  path?: string;
  body?: string;
  at?: number;
  region?: string;
  secret?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
};

/** A request as AWS's own client signs it: the client is given another one before it signs, and nothing is sent. */
async function signedRequest(change: Change = {}): Promise<WireRequest> {
  mock.timers.setTime(change.at ?? NOW);
  const { path = "/v2/email/identities/a%40b.example", body = "", query = {}, headers = {}, secret } = change;
  let sent: Signed | undefined;
  const client = new SESv2Client({
    endpoint: "http://postern.test:8025",
    region: change.region ?? "eu-central-1",
    credentials: { ...AWS_KEY, ...(secret === undefined ? {} : { secretAccessKey: secret }) },
    maxAttempts: 1,
    requestHandler: {
      handle(request: unknown) {
        sent = request as Signed;
        return Promise.reject(new Error("kept here"));
      },
    },
  });
  client.middlewareStack.add(
    (next) => (given) => {
      const request = given.request as Signed;
      const fields = { ...request.headers, "content-type": "application/json", ...headers };
      Object.assign(request, { method: "POST", path, query, body, headers: fields });
      return next(given);
    },
    { step: "build", priority: "low", name: "another" },
  );
  await client.send(new GetAccountCommand({})).catch(() => {});
  const search = Object.entries(sent!.query)
    .map((pair) => pair.map(encodeURIComponent).join("="))
    .join("&");
  return {
    method: sent!.method,
    target: search === "" ? sent!.path : `${sent!.path}?${search}`,
    rawHeaders: Object.entries(sent!.headers).flat(),
  };
}

function verdict(request: WireRequest, body = "", nowMs = NOW): string {
  const read = readSignature(request, fakePort(), nowMs);
  if (isSesError(read)) return `${read.status} ${read.type}: ${read.message}`;
  return read.holdsFor(sha256(Buffer.from(body))) ? `${read.submitter.tenant}/${read.submitter.credential}` : "no";
}

const changed = (request: WireRequest, name: string, change: (value: string) => string): WireRequest => ({
  ...request,
  rawHeaders: request.rawHeaders.map((value, n) =>
    n % 2 === 1 && request.rawHeaders[n - 1]!.toLowerCase() === name ? change(value) : value,
  ),
});

describe("a request that AWS's client signed", () => {
  before(() => mock.timers.enable({ apis: ["Date"], now: NOW }));
  after(() => mock.timers.reset());

  test("is that of its credential, whatever the region, the path and the body", async () => {
    assert.equal(verdict(await signedRequest()), "acme/app");
    assert.equal(verdict(await signedRequest({ region: "us-gov-west-1" })), "acme/app");
    assert.equal(verdict(await signedRequest({ body: '{"a":"ü"}' }), '{"a":"ü"}'), "acme/app");
    assert.equal(verdict(await signedRequest({ query: { b: "2 3", a: "x/y", c: "" } })), "acme/app");
    assert.equal(verdict(await signedRequest({ headers: { "x-odd": "  two   blanks  " } })), "acme/app");
  });

  test("is taken for five minutes to both sides of its time, and not longer", async () => {
    const request = await signedRequest();
    assert.equal(verdict(request, "", NOW + 300_000), "acme/app");
    assert.equal(verdict(request, "", NOW - 300_000), "acme/app");
    assert.match(verdict(request, "", NOW + 301_000), /^403 InvalidSignatureException: Signature expired/);
    assert.match(verdict(request, "", NOW - 301_000), /^403 InvalidSignatureException: Signature not yet current/);
  });

  test("is refused once anything signed is changed: method, path, query, header, body, date, region, service", async () => {
    const request = await signedRequest({ body: "{}", query: { a: "1" } });
    assert.equal(verdict(request, "{}"), "acme/app");
    assert.equal(verdict(request, "{ }"), "no");
    assert.equal(verdict({ ...request, method: "DELETE" }, "{}"), "no");
    assert.equal(verdict({ ...request, target: request.target.replace("identities", "identity") }, "{}"), "no");
    assert.equal(verdict({ ...request, target: request.target.replace("a=1", "a=2") }, "{}"), "no");
    assert.equal(verdict({ ...request, target: `${request.target}&b=` }, "{}"), "no");
    assert.equal(
      verdict(
        changed(request, "host", () => "other.test"),
        "{}",
      ),
      "no",
    );
    assert.equal(
      verdict(
        changed(request, "content-type", () => "text/plain"),
        "{}",
      ),
      "no",
    );
    assert.equal(
      verdict(
        changed(request, "x-amz-date", (at) => at.replace("3000Z", "3001Z")),
        "{}",
      ),
      "no",
    );
    const authorization = (from: string, to: string) => changed(request, "authorization", (it) => it.replace(from, to));
    assert.equal(verdict(authorization("eu-central-1", "eu-central-2"), "{}"), "no");
    assert.match(verdict(authorization("/ses/", "/s3/"), "{}"), /correct service: 'ses'/);
    assert.match(verdict(authorization("20261125/", "20261124/"), "{}"), /does not match YYYYMMDD/);
    const flipped = changed(request, "authorization", (it) => it.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")));
    assert.equal(verdict(flipped, "{}"), "no");
  });

  test("is refused with another secret, and with an id that nobody has", async () => {
    assert.equal(verdict(await signedRequest({ secret: "another" })), "no");
    const request = changed(await signedRequest(), "authorization", (it) =>
      it.replace(AWS_KEY.accessKeyId, "AKIANOBODY"),
    );
    assert.match(verdict(request), /^403 UnrecognizedClientException/);
  });
});

describe("what is no such signature is refused by name", () => {
  const headers = ["Host", "postern.test", "X-Amz-Date", "20261125T093000Z"];
  const refused = (authorization: string | null, more: string[] = [], target = "/v2/email/account") =>
    verdict({
      method: "GET",
      target,
      rawHeaders: [...headers, ...more, ...(authorization === null ? [] : ["Authorization", authorization])],
    });
  const form = (names: string, id = AWS_KEY.accessKeyId) =>
    `AWS4-HMAC-SHA256 Credential=${id}/20261125/eu-central-1/ses/aws4_request, SignedHeaders=${names}, Signature=${"0".repeat(64)}`;

  test("none, one in the query, one of another kind, two, and one in pieces", () => {
    assert.match(refused(null), /^403 MissingAuthenticationTokenException/);
    assert.match(refused(null, [], "/v2/email/account?X-Amz-Signature=00"), /in the query are not supported/);
    assert.match(refused("Bearer key"), /^403 IncompleteSignatureException: Only AWS4-HMAC-SHA256/);
    assert.match(refused("AWS4-ECDSA-P256-SHA256 Credential=x"), /^403 IncompleteSignatureException: Only/);
    assert.match(refused("AWS4-HMAC-SHA256 Credential=x"), /^403 IncompleteSignatureException: Authorization header/);
    assert.match(
      refused(form("host;x-amz-date"), ["Authorization", form("host;x-amz-date")]),
      /in one Authorization header|requires/,
    );
    assert.equal(refused(form("host;x-amz-date")), "no");
  });

  test("one that leaves out what must be signed, or names it twice or out of order", () => {
    assert.match(refused(form("x-amz-date")), /'host' must be a signed header/);
    assert.match(refused(form("host")), /'x-amz-date' must be/);
    assert.match(refused(form("host;x-amz-date"), ["X-Amz-Target", "x"]), /'x-amz-target' must be/);
    assert.match(refused(form("x-amz-date;host")), /'host' must be/);
    assert.match(refused(form("host;host;x-amz-date")), /'host' must be/);
    assert.match(refused(form("Host;x-amz-date")), /'Host' must be/);
    assert.match(refused(form("host;x-amz-date"), ["Host", "other.test"]), /'host' must be/);
    assert.equal(refused(form("absent;host;x-amz-date")), "no");
  });

  test("a session token, and a body that nobody vouches for", () => {
    assert.match(
      refused(form("host;x-amz-date;x-amz-security-token"), ["X-Amz-Security-Token", "x"]),
      /^403 UnrecognizedClientException: Session tokens/,
    );
    for (const hash of ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", NOTHING.toUpperCase()]) {
      assert.match(
        refused(form("host;x-amz-content-sha256;x-amz-date"), ["X-Amz-Content-Sha256", hash]),
        /^400 BadRequestException/,
      );
    }
  });

  test("a query that cannot be unescaped", () => {
    assert.equal(refused(form("host;x-amz-date"), [], "/v2/email/account?a=%zz"), "no");
  });
});
