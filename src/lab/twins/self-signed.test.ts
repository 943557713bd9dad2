import assert from "node:assert/strict";
import { sign, verify, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { selfSigned } from "./self-signed.ts";

const NOW = Date.UTC(2026, 10, 25, 9, 30);

test("the certificate is read by OpenSSL, verifies itself and speaks for its key", () => {
  const { key, certificate } = selfSigned("sns.amazonaws.com", NOW);
  const read = new X509Certificate(certificate);
  assert.equal(read.subject, "CN=sns.amazonaws.com");
  assert.ok(read.verify(read.publicKey));
  assert.equal(Date.parse(read.validFrom), NOW - 86_400_000);
  assert.ok(Date.parse(read.validTo) > NOW);
  const text = Buffer.from("text");
  assert.ok(verify("RSA-SHA256", text, read.publicKey, sign("RSA-SHA256", text, key)));
});

test("a P-256 certificate speaks for a host by its subjectAltName", () => {
  const { key, certificate } = selfSigned("mx.lab.test", NOW, "ec");
  const read = new X509Certificate(certificate);
  assert.ok(read.verify(read.publicKey));
  assert.ok(read.checkPrivateKey(key));
  assert.equal(read.subjectAltName, "DNS:mx.lab.test");
  assert.equal(read.checkHost("other.lab.test"), undefined);
});
