import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { Problem, silentLog } from "../../kernel/index.ts";
import { testCertificate } from "../../../test/support/smtp-door.ts";
import { virtualClock } from "../../../test/support/virtual-clock.ts";
import { Certificate } from "./certificate.ts";

test("a renewed certificate is used without a restart; one caught half-way leaves the old one", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-tls-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const files = { certFile: path.join(folder, "cert.pem"), keyFile: path.join(folder, "key.pem") };
  const put = (name: "localhost" | "renewed", what: "certFile" | "keyFile") =>
    copyFileSync(testCertificate(name)[what], files[what]);
  put("localhost", "certFile");
  put("localhost", "keyFile");
  const clock = virtualClock();
  const complaints: string[] = [];
  const certificate = new Certificate(files, clock, { ...silentLog, error: (event) => complaints.push(event) });
  const first = certificate.context();

  await clock.advance(5000);
  assert.equal(certificate.context(), first, "nothing changed, nothing is read");

  put("renewed", "certFile"); // the key is still the old one
  await clock.advance(1000);
  assert.equal(certificate.context(), first);
  assert.deepEqual(complaints, ["smtp.certificate-unreadable"]);

  put("renewed", "keyFile");
  await clock.advance(1000);
  const second = certificate.context();
  assert.notEqual(second, first);
  assert.equal(certificate.context(), second);

  rmSync(files.keyFile);
  await clock.advance(1000);
  assert.equal(certificate.context(), second);
  assert.equal(complaints.length, 2);
});

test("a certificate that cannot be used is said at the start", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-tls-"));
  const certFile = path.join(folder, "cert.pem");
  writeFileSync(certFile, "no certificate");
  const { keyFile } = testCertificate();
  for (const files of [
    { certFile, keyFile },
    { certFile: path.join(folder, "absent.pem"), keyFile },
    { certFile: testCertificate("renewed").certFile, keyFile },
  ])
    assert.throws(
      () => new Certificate(files, virtualClock(), silentLog),
      (error) => error instanceof Problem && error.code === "tls-certificate-unreadable",
    );
  rmSync(folder, { recursive: true });
});
