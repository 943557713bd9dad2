import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, test } from "node:test";
import { type ServedLab, serveLab } from "./served-lab-for-tests.ts";

let served: ServedLab;
beforeEach(async () => {
  served = await serveLab();
  await served.server.listen({ port: 0, host: "127.0.0.1" });
});
afterEach(() => served.stop());

/** A page that listens: its events one by one, `closed` at the end. */
async function listen() {
  const { port } = served.server.server.address() as AddressInfo;
  const asked = request({ port, host: "127.0.0.1", path: "/lab/events", agent: false }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.setEncoding("utf8");
  let heard = "";
  let wake = () => {};
  const hear = (text: string) => {
    heard += text;
    wake();
  };
  response.on("data", hear);
  response.on("error", () => {});
  response.on("close", () => hear("event: closed\n\n"));
  return {
    headers: response.headers,
    close: () => asked.destroy(),
    async next(): Promise<string> {
      for (;;) {
        const found = /event: (\w+)\n[^]*?\n\n|event: (closed)\n\n/.exec(heard);
        if (found) {
          heard = heard.slice(found.index + found[0].length);
          return (found[1] ?? found[2])!;
        }
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

describe("an open page of the lab", () => {
  test("hears of a message within 200 ms, of the passing of time, and of the end", async () => {
    const page = await listen();
    assert.equal(page.headers["content-type"], "text/event-stream");
    assert.equal(page.headers["x-content-type-options"], "nosniff");
    assert.equal(await page.next(), "changed"); // what it may have missed before
    await served.mail("Subject: new");
    await served.clock.advance(200);
    assert.equal(await page.next(), "changed");
    await served.clock.advance(5_000);
    assert.equal(await page.next(), "tick");
    await served.lab.stop();
    assert.equal(await page.next(), "closed");
  });

  test("is one of 32 at most; closing one makes room", async () => {
    const pages = await Promise.all(Array.from({ length: 32 }, listen));
    const refused = await listen();
    assert.match(String(refused.headers["content-type"]), /^application\/problem\+json/);
    pages[0]!.close();
    for (let turn = 0; turn < 1_000; turn += 1) {
      const again = await listen();
      if (again.headers["content-type"] === "text/event-stream") return;
    }
    assert.fail("no room was made");
  });
});
