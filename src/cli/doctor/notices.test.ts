import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiKind, ApiProviderSettings, Settings } from "../../config/index.ts";
import { Secret } from "../../kernel/index.ts";
import { checkNotices } from "./notices.ts";

type Webhook = NonNullable<ApiProviderSettings["webhook"]>;
const found = (kind: ApiKind, webhook: Partial<Webhook> | null, publicUrl: string | null = null) => {
  const full = webhook && { key: null, basic: null, topicArn: null, url: null, ...webhook };
  const settings = { lab: false, listen: { publicUrl }, providers: [{ kind, name: "breeze", webhook: full }] };
  const [check] = checkNotices(settings as unknown as Settings);
  return [check!.state, check!.sentence];
};
const key = new Secret("a key");

test("a provider that cannot tell what became of mail is noted", () => {
  assert.deepEqual(found("resend", null), ["warning", "It has no webhook: whether its mail arrives is never known."]);
});

test("so is one whose notices could not be proven", () => {
  assert.match(found("ses", { basic: key })[1]!, /^webhook\.topicArn is not set/);
  assert.match(found("postmark", { key })[1]!, /^webhook\.basic is not set/);
  assert.match(found("mailgun", { basic: key })[1]!, /^webhook\.key is not set/);
  assert.equal(found("sendgrid", { basic: key })[0], "ok");
});

test("Mandrill's signature covers the address, which must be known", () => {
  assert.equal(found("mandrill", { key })[0], "warning");
  const address = "https://postern.acme.test";
  assert.deepEqual(found("mandrill", { key }, address), ["ok", `Taken at ${address}/v1/notices/breeze.`]);
  assert.equal(found("mandrill", { key, url: "https://elsewhere.test/hook" })[0], "ok");
});

test("SMTP providers and the lab have none to note", () => {
  const providers = [{ kind: "smtp", name: "harbour" }];
  assert.deepEqual(checkNotices({ lab: false, listen: {}, providers } as unknown as Settings), []);
});

test("of providers by SMTP those are looked at that have a webhook, as their service proves it", () => {
  const of = (webhook: Partial<Webhook> | null) => {
    const full = webhook && { key: null, basic: null, topicArn: null, url: null, ...webhook };
    const provider = { kind: "smtp", vendor: "postal", name: "relay", webhook: full };
    return checkNotices({ lab: false, listen: { publicUrl: null }, providers: [provider] } as unknown as Settings);
  };
  assert.deepEqual(of(null), []);
  assert.equal(of({ key })[0]!.state, "ok");
  assert.match(of({ basic: key })[0]!.sentence, /^webhook\.key is not set/);
});
