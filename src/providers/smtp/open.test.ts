import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { someHandoff } from "../../../test/contract/provider-contract.ts";
import { certFile, line } from "../../../test/support/scripted-smtp-server.ts";
import { smtpPair, smtpSettings } from "../../../test/support/smtp-settings.ts";
import { Secret, silentLog, systemClock } from "../../kernel/index.ts";
import { createProvider, type Provider } from "../index.ts";

const outcomeOf = async (provider: Provider): Promise<string> => {
  const { recipients } = await provider.handOff(someHandoff(1), new AbortController().signal);
  return `${recipients[0]!.kind} ${recipients[0]!.cause}`;
};
const auth = { username: "app", password: new Secret("correct horse") };
const PLAIN = Buffer.from("\0app\0correct horse").toString("base64");

test("STARTTLS: EHLO is said again under TLS, and the password only there", async (context) => {
  const { provider, server } = await smtpPair(
    context,
    { offers: ["STARTTLS", "AUTH PLAIN", "SIZE 1"], securedOffers: ["PIPELINING", "AUTH PLAIN"] },
    { tls: "starttls", caFile: certFile, host: "localhost", auth },
  );
  assert.equal(await outcomeOf(provider), "accepted accepted");
  assert.deepEqual(server.commands.slice(0, 5), [
    "EHLO postern.example",
    "STARTTLS",
    "EHLO postern.example",
    `AUTH PLAIN ${PLAIN}`,
    "MAIL FROM:<bounces@account.acme.example>", // no SIZE=: what was offered in clear is forgotten
  ]);
});

test("implicit TLS: from the first octet", async (context) => {
  const settings = { tls: "implicit", caFile: certFile, auth } as const;
  const { provider } = await smtpPair(context, { offers: ["AUTH PLAIN"] }, settings, { implicitTls: true });
  assert.equal(await outcomeOf(provider), "accepted accepted");
  assert.equal(await outcomeOf(provider), "accepted accepted", "and on the same connection again");
});

test("a certificate is not looked at when that was named", async (context) => {
  const settings = { tls: "implicit", verifyCertificate: false } as const;
  const { provider } = await smtpPair(context, {}, settings, { implicitTls: true });
  assert.equal(await outcomeOf(provider), "accepted accepted");
});

test("a certificate for another name is refused", async (context) => {
  if (process.platform !== "linux") return context.skip("only Linux has all of 127/8");
  const settings = { tls: "implicit", caFile: certFile, host: "127.0.0.2" } as const;
  const options = { implicitTls: true, host: "127.0.0.2" };
  const { provider, server } = await smtpPair(context, {}, settings, options);
  assert.equal(await outcomeOf(provider), "deferred tls-certificate-invalid");
  assert.deepEqual(server.commands, []);
});

test("TLS below 1.2 is refused", async (context) => {
  const settings = { tls: "implicit", caFile: certFile } as const;
  const tls = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const { provider } = await smtpPair(context, {}, settings, { implicitTls: true, tls });
  assert.equal(await outcomeOf(provider), "deferred tls-failed");
});

test("octets after the answer to STARTTLS end the connection before the handshake", async (context) => {
  for (const more of ["250 Ok\r\n", "250-", "\u0016"]) {
    const { provider, server } = await smtpPair(
      context,
      { offers: ["STARTTLS"], starttls: { say: `220 Go ahead\r\n${more}` } },
      { tls: "starttls", caFile: certFile },
    );
    assert.match(await outcomeOf(provider), /^deferred (?:protocol-error|connection-lost)$/);
    assert.deepEqual(server.commands, ["EHLO postern.example", "STARTTLS"]);
  }
});

test("STARTTLS refused is a deferral", async (context) => {
  const script = { offers: ["STARTTLS"], starttls: line("454 4.7.0 Not now") };
  const { provider } = await smtpPair(context, script, { tls: "starttls", caFile: certFile });
  assert.equal(await outcomeOf(provider), "deferred tls-unavailable");
});

test("AUTH LOGIN where there is no PLAIN", async (context) => {
  const { provider, server } = await smtpPair(context, { offers: ["AUTH=LOGIN CRAM-MD5"] }, { auth });
  assert.equal(await outcomeOf(provider), "accepted accepted");
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  assert.deepEqual(server.commands.slice(1, 4), ["AUTH LOGIN", base64("app"), base64("correct horse")]);
});

test("a server that repeats the login in its refusal puts it into no outcome", async (context) => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const refusals = [
    (command: string) => line(`500 5.5.1 Command unrecognized: "${command}"`),
    (command: string) => line(`535 5.7.8 ${command.toLowerCase().slice(0, 30)}… is no login`),
    () => line('535 5.7.8 Wrong password "correct horse" for app'),
  ];
  for (const refuse of refusals) {
    for (const offer of ["AUTH PLAIN", "AUTH LOGIN"]) {
      const script = {
        offers: [offer],
        auth: (command: string) => (command === "AUTH LOGIN" ? line("334 ") : refuse(command)),
      };
      const { provider } = await smtpPair(context, script, { auth });
      const { recipients } = await provider.handOff(someHandoff(1), new AbortController().signal);
      const { kind, diagnostic = "" } = recipients[0]!;
      assert.equal(kind, "rejected");
      for (const secret of ["correct horse", PLAIN.slice(8), base64("correct horse").slice(8)]) {
        assert.ok(!diagnostic.toLowerCase().includes(secret.toLowerCase()), diagnostic);
      }
      assert.match(diagnostic, /^5\.\d\.\d .*\[secret\]/);
    }
  }
});

test("no way to log in is a deferral, and nothing is sent without the login", async (context) => {
  const { provider, server } = await smtpPair(context, { offers: ["AUTH GSSAPI"] }, { auth });
  assert.equal(await outcomeOf(provider), "deferred auth-unavailable");
  assert.deepEqual(server.commands, ["EHLO postern.example"]);
});

test("a password never crosses a network in clear", async (context) => {
  const address = Object.values(networkInterfaces())
    .flat()
    .find((one) => one && !one.internal && one.family === "IPv4")?.address;
  if (address === undefined) return context.skip("this machine has only loopback");
  const options = { host: address };
  const { provider, server } = await smtpPair(context, { offers: ["AUTH PLAIN"] }, { auth, host: address }, options);
  assert.equal(await outcomeOf(provider), "deferred tls-unavailable");
  assert.deepEqual(server.commands, ["EHLO postern.example"]);
});

test("HELO for a server that does not know EHLO", async (context) => {
  const { provider, server } = await smtpPair(context, { ehlo: line("502 5.5.1 Not implemented") });
  assert.equal(await outcomeOf(provider), "accepted accepted");
  assert.deepEqual(server.commands.slice(0, 3), [
    "EHLO postern.example",
    "HELO postern.example",
    "MAIL FROM:<bounces@account.acme.example>",
  ]);
});

test("a greeting of several lines, and one that refuses", async (context) => {
  const polite = await smtpPair(context, { greeting: { say: "220-twin.example\r\n220 at your service\r\n" } });
  assert.equal(await outcomeOf(polite.provider), "accepted accepted");
  const refusing = await smtpPair(context, { greeting: line("554 No SMTP service here", "close") });
  assert.equal(await outcomeOf(refusing.provider), "rejected service-refused");
});

test("a name that could be more than a name is refused before there is a provider", () => {
  for (const hostname of ["a\r\nMAIL", "", "a b", "-a"]) {
    const parts = { clock: systemClock, log: silentLog, hostname };
    assert.throws(() => createProvider(smtpSettings(1), parts), { code: "provider-misconfigured" });
  }
});
