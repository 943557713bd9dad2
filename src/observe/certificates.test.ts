import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog, systemClock } from "../kernel/index.ts";
import { Certificates, type Fetch } from "./certificates.ts";

const PEM = "-----BEGIN CERTIFICATE-----";
const address = (name: string | number) => `https://sns.eu-central-1.amazonaws.com/${name}.pem`;
const certificates = (fetch: Fetch) => new Certificates({ fetch, clock: systemClock, log: silentLog });

test("addresses that lead nowhere push no certificate out that is known", async () => {
  const fetched: string[] = [];
  const kept = certificates(async (url) => {
    fetched.push(url);
    return url === address("good") ? { status: 200, body: Buffer.from(PEM) } : { status: 403, body: Buffer.alloc(0) };
  });
  assert.equal(await kept.get(address("good")), PEM);
  for (let n = 0; n < 100; n += 1) assert.equal(await kept.get(address(n)), null);
  assert.equal(await kept.get(address("good")), PEM);
  assert.equal(fetched.filter((url) => url === address("good")).length, 1);
});

test("a few are asked for at once, each of them by one question", async () => {
  let go = (): void => {};
  const answered = new Promise<void>((resolve) => (go = resolve));
  let asked = 0;
  const kept = certificates(async () => {
    asked += 1;
    await answered;
    return { status: 200, body: Buffer.from(PEM) };
  });
  const all = Array.from({ length: 50 }, (_, n) => kept.get(address(n % 10)));
  go();
  const found = await Promise.all(all);
  assert.equal(asked, 4);
  assert.equal(found.filter((pem) => pem === PEM).length, 20);
});
