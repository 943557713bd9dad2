import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { authority } from "../../../test/support/certificates.ts";
import { someEnvelope, someHandoff } from "../../../test/contract/provider-contract.ts";
import { line } from "../../../test/support/scripted-smtp-server.ts";
import { type MessageClass, parseMailbox } from "../../mail/index.ts";
import type { Provider } from "../index.ts";
import { MxWorld } from "./world-for-tests.ts";

const handOff = async (provider: Provider, to: string[], messageClass: MessageClass = "C2"): Promise<string[]> => {
  const recipients = to.map((address) => ({ mailbox: parseMailbox(address)!, dsn: {} }));
  const handoff = someHandoff(1, { messageClass, envelope: someEnvelope(1, { recipients }) });
  const answer = await provider.handOff(handoff, new AbortController().signal);
  return answer.recipients.map(({ kind, scope, cause }) => `${kind} ${scope} ${cause}`);
};
const ACCEPTED = "accepted message accepted";
const world = (context: TestContext) => MxWorld.start(context);

test("a message reaches the server that MX names, over TLS", async (context) => {
  const w = await world(context);
  const server = await w.server("mx.there.example");
  w.mx("there.example", "mx.there.example");
  assert.deepEqual(await handOff(w.provider(), ["a@there.example"]), [ACCEPTED]);
  assert.equal(server.messages.length, 1);
  assert.deepEqual(
    server.commands.filter((one) => /^(?:STARTTLS|EHLO)/.test(one)),
    ["EHLO out.acme.example", "STARTTLS", "EHLO out.acme.example"],
  );
});

test("recipients of several domains each get their own end", async (context) => {
  const w = await world(context);
  const server = await w.server("mx.one.example", {
    script: { rcpt: (command) => line(command.includes("no@") ? "550 5.1.1 No such user" : "250 2.1.5 Ok") },
  });
  w.mx("one.example", "mx.one.example");
  w.dns.zone.set("null.example", "MX", { preference: 0, exchange: "." });
  w.dns.zone.setFault("broken.example", "servfail");
  const to = ["a@null.example", "a@one.example", "a@nowhere.example", "no@one.example", "a@broken.example"];
  assert.deepEqual(await handOff(w.provider(), to), [
    "rejected recipient domain-takes-no-mail",
    ACCEPTED,
    "rejected recipient domain-not-found",
    "rejected recipient mailbox-unavailable",
    "deferred recipient dns-failed",
  ]);
  assert.deepEqual(server.messages[0]?.recipients, ["RCPT TO:<a@one.example>"]);
});

test("DANE: the key in DNS decides, whatever the certificate says", async (context) => {
  const w = await world(context);
  const selfMade = authority("Nobody").issue(["other.example"], { fromDays: -9, toDays: -1 });
  const server = await w.server("mx.dane.example", { issued: selfMade });
  w.mx("dane.example", "mx.dane.example");
  w.dns.zone.setSigned("dane.example", true);
  const provider = w.provider();
  for (const form of [
    [3, 1, 1],
    [3, 0, 1],
    [3, 1, 2],
    [3, 0, 0],
  ] as const) {
    w.tlsa("mx.dane.example", selfMade, form);
    assert.deepEqual(await handOff(provider, ["a@dane.example"], "C0"), [ACCEPTED], form.join(" "));
  }
  assert.equal(server.messages.length, 4);
  w.tlsa("mx.dane.example", w.root);
  assert.deepEqual(await handOff(provider, ["a@dane.example"], "C3"), ["deferred recipient dane-mismatch"]);
  assert.equal(server.messages.length, 4, "not even for mail of the least class");
});
