import assert from "node:assert/strict";
import { Socket } from "node:net";
import { describe, test } from "node:test";
import { systemClock } from "../../kernel/index.ts";
import { DENIED_NAMES, PUBLIC_URLS, SSRF_URLS } from "../../../test/support/ssrf-vectors.ts";
import { ownAddresses, whyDenied } from "../../net/index.ts";
import { createEgress, type PostAnswer, type Resolve } from "./index.ts";

const resolveListed: Resolve = (name) =>
  Promise.resolve([...(DENIED_NAMES[name] ?? (name === "hooks.example.com" ? ["93.184.215.14"] : []))]);

/** Posts to `url` over an egress whose sockets go nowhere; remembers every connection that was begun. */
async function attempt(url: string, resolve = resolveListed): Promise<{ answer: PostAnswer; connections: string[] }> {
  const connections: string[] = [];
  const egress = createEgress({
    clock: systemClock,
    resolve,
    connect: ({ host }) => {
      connections.push(host);
      const socket = new Socket();
      process.nextTick(() => socket.destroy(Object.assign(new Error("goes nowhere"), { code: "ETEST" })));
      return socket;
    },
  });
  const answer = await egress.post(url, {}, Buffer.from("{}"));
  egress.close();
  return { answer, connections };
}

test("there are enough vectors, and each is there once", () => {
  assert.equal(new Set(SSRF_URLS).size, SSRF_URLS.length);
  assert.ok(SSRF_URLS.length + Object.keys(DENIED_NAMES).length >= 150);
});

describe("never is a connection begun to", () => {
  for (const url of SSRF_URLS) {
    test(JSON.stringify(url), async () => {
      const { answer, connections } = await attempt(url);
      assert.deepEqual(connections, []);
      assert.equal(answer.kind, "refused");
    });
  }
  for (const [name, addresses] of Object.entries(DENIED_NAMES)) {
    test(`${name}, which resolves to ${[...new Set(addresses)].join(" and ")}`, async () => {
      const { answer, connections } = await attempt(`https://${name}/`);
      assert.deepEqual(connections, []);
      assert.equal(answer.kind === "refused" && answer.code, "egress-address-denied");
    });
  }
  test("a name without an address", async () => {
    const { answer, connections } = await attempt("https://nowhere.example.com/");
    assert.deepEqual(connections, []);
    assert.equal(answer.kind === "refused" && answer.code, "egress-unresolved");
  });
  test("an address of this machine, also where it is a public one", async () => {
    const lo = { address: "127.0.0.1", netmask: "", mac: "", internal: true, cidr: null, family: "IPv4" } as const;
    const own = ownAddresses({
      lo: [lo],
      eth0: [
        { ...lo, address: "8.8.4.4" },
        { ...lo, address: "2606:4700::1", family: "IPv6", scopeid: 0 },
      ],
    });
    assert.equal(whyDenied("8.8.4.4", own), "this machine");
    assert.equal(whyDenied("2606:4700:0:0::1", own), "this machine");
    assert.equal(whyDenied("8.8.8.8", own), null);
  });
});

describe("a connection is begun to the public internet:", () => {
  for (const [url, address] of PUBLIC_URLS) {
    test(`${url} at ${address}`, async () => {
      const { answer, connections } = await attempt(url);
      assert.deepEqual(connections, [address]);
      assert.deepEqual(answer, { kind: "failed", cause: "ETEST" });
    });
  }
});

describe("a resolver that changes its answer", () => {
  test("is asked once for a connection, and the connection goes to what was checked", async () => {
    let asked = 0;
    const rebinding: Resolve = () => Promise.resolve([(asked += 1) === 1 ? "8.8.8.8" : "127.0.0.1"]);
    const { connections } = await attempt("https://rebinding.attacker.test/", rebinding);
    assert.equal(asked, 1);
    assert.deepEqual(connections, ["8.8.8.8"]);
  });

  test("is checked again for the next one", async () => {
    let asked = 0;
    const rebinding: Resolve = () => Promise.resolve([(asked += 1) === 1 ? "8.8.8.8" : "127.0.0.1"]);
    await attempt("https://rebinding.attacker.test/", rebinding);
    const second = await attempt("https://rebinding.attacker.test/", rebinding);
    assert.equal(asked, 2);
    assert.deepEqual(second.connections, []);
    assert.equal(second.answer.kind === "refused" && second.answer.code, "egress-address-denied");
  });
});

test("at most three addresses of a name are tried", async () => {
  const { connections } = await attempt("https://many.example.com/", () =>
    Promise.resolve(["8.8.8.1", "8.8.8.2", "8.8.8.3", "8.8.8.4", "8.8.8.5"]),
  );
  assert.deepEqual(connections, ["8.8.8.1", "8.8.8.2", "8.8.8.3"]);
});
