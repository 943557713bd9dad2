import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ObservedPostern, startObservedPostern } from "../support/observed-postern.ts";

const KEY = "key_0123456789abcdef";
const BEARER = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
const SERVER_TOKEN = { "x-postmark-server-token": KEY, "content-type": "application/json" };

let postern: ObservedPostern;
before(async () => {
  postern = await startObservedPostern({ kinds: ["resend"] });
});
after(() => postern.stop());

/** What cannot be a value of the database, is no text, or is a name that every object has. */
const VALUES = [
  "%00",
  "a=%00",
  "AAAA", // NULs in base64
  "constructor",
  "__proto__",
  "toString",
  "-271821-04-20",
  "%2B275760-09-13",
  "1e3",
  "%ED%A0%80",
  "x&NAME=y",
];
const LISTS = [
  {
    headers: BEARER,
    paths: ["/v1/messages", "/v1/events"],
    names: ["recipient", "tag", "author", "stream", "cursor", "kind"],
  },
  { headers: BEARER, paths: ["/v1/templates", "/v1/suppressions"], names: ["after", "prefix", "addedAfter"] },
  {
    headers: BEARER,
    paths: ["/emails", "/suppressions", "/templates", "/domains"],
    names: ["after", "limit", "origin"],
  },
  {
    headers: SERVER_TOKEN,
    paths: ["/messages/outbound", "/messages/outbound/opens", "/bounces", "/message-streams/x/suppressions/dump"],
    names: [
      "recipient",
      "tag",
      "fromDate",
      "toDate",
      "status",
      "type",
      "SuppressionReason",
      "metadata___proto__",
      "count",
    ],
  },
];

test("no parameter of a list, and nothing in the place of an id, makes the program stumble", async () => {
  const stumbled: string[] = [];
  const ask = async (path: string, headers: Record<string, string>, method = "GET"): Promise<void> => {
    const { status } = await fetch(postern.base + path, { method, headers });
    if (status >= 500) stumbled.push(`${status} ${method} ${path}`);
  };
  for (const { headers, paths, names } of LISTS) {
    for (const path of paths) {
      for (const name of names)
        for (const value of VALUES) await ask(`${path}?${name}=${value.replace("NAME", name)}`, headers);
      for (const id of ["%00", "AAAA", "AEB4", "constructor"]) {
        await ask(`${path}/${id}`, headers);
        await ask(`${path}/${id}`, headers, "DELETE");
      }
    }
  }
  assert.deepEqual(stumbled, []);
});

test("nothing in a body makes it stumble either", async () => {
  const stumbled: string[] = [];
  const post = async (path: string, headers: Record<string, string>, body: unknown): Promise<void> => {
    const { status } = await fetch(postern.base + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (status >= 500) stumbled.push(`${status} ${path} ${JSON.stringify(body)}`);
  };
  const noObjects = [5, null, "x", [], [5], {}];
  const [address, ids] = ["\0@x", ["AAAA", "\0"]];
  for (const body of [...noObjects, { addresses: ["\0", "\ud800"] }, { prefix: "\ud800" }])
    await post("/v1/suppressions/remove", BEARER, body);
  for (const body of [...noObjects, { emails: [address] }, { ids }]) {
    for (const act of ["/suppressions/batch/add", "/suppressions/batch/remove", "/suppressions", "/emails/batch"])
      await post(act, BEARER, body);
  }
  for (const text of ["\0", "\ud800"]) {
    const template = { name: "x", html: "x" };
    for (const change of [
      { alias: text },
      { html: text },
      { variables: [{ key: text, type: "string", fallback_value: text }] },
    ])
      await post("/templates", BEARER, { ...template, ...change });
    await post("/templates", SERVER_TOKEN, { Name: text, HtmlBody: text, Alias: text });
    const email = { From: "a@acme.test", To: "b@x.test", Subject: "x", TextBody: "x" };
    for (const change of [{ Tag: text }, { Metadata: { [text]: text } }, { To: text }, { MessageStream: text }])
      await post("/email", SERVER_TOKEN, { ...email, ...change });
    for (const change of [{ TemplateAlias: text }, { TemplateId: 1e20 }, { TemplateId: 9e15 }])
      await post("/email/withTemplate", SERVER_TOKEN, { ...email, ...change, TemplateModel: {} });
  }
  for (const body of noObjects)
    for (const path of ["/email", "/email/batch", "/email/bulk", "/email/withTemplate", "/email/batchWithTemplates"])
      await post(path, SERVER_TOKEN, body);
  assert.deepEqual(stumbled, []);
});
