import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import fastify from "fastify";
import { eventually } from "../../test/support/eventually.ts";
import { loadSettings } from "../config/index.ts";
import { silentLog, systemClock, systemRandom } from "../kernel/index.ts";
import { startLab } from "./start-lab.ts";
import { greeted, send } from "./smtp/wire-for-tests.ts";

test("the whole lab: what a provider takes arrives signed and checked, and pages and API say so", async (context) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "postern-lab-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const environment = { POSTERN_DATA: folder, POSTERN_SMTP_PORT: "0", POSTERN_HTTP_PORT: "0" };
  const { providers } = loadSettings({ environment, cwd: folder, random: systemRandom });
  const lab = await startLab({ providers, clock: systemClock, random: systemRandom, log: silentLog });
  const server = fastify();
  lab.register(server);
  context.after(async () => {
    await server.close();
    await lab.stop();
  });
  const ask = (url: string) => server.inject({ url, headers: { host: "127.0.0.1:8025" } });

  const harbour = lab.providers.find(({ name }) => name === "harbour");
  assert.ok(harbour?.kind === "smtp");
  const wire = await greeted(harbour.port);
  assert.match(await send(wire, "From: hello@lab.test\r\nSubject: From us\r\n\r\nhi"), /^250 /);
  assert.match(await send(wire, "From: a@elsewhere.test\r\nSubject: From elsewhere\r\n\r\nhi"), /^250 /);
  wire.socket.destroy();

  type Listed = { id: number; subject: string; provider: string; authentication: { dmarc: { result: string } } };
  const listed = async () => (await ask("/lab/api/messages")).json<{ messages: Listed[] }>().messages;
  await eventually(async () => (await listed()).filter(({ authentication }) => authentication?.dmarc).length === 2);
  const results = (await listed()).map(({ subject, provider, authentication }) => [
    subject,
    provider,
    authentication.dmarc.result,
  ]);
  assert.deepEqual(new Set(results.map(String)), new Set(["From us,harbour,pass", "From elsewhere,harbour,none"]));

  const ours = (await listed()).find(({ subject }) => subject === "From us")!;
  const page = (await ask(`/lab/messages/${ours.id}`)).body;
  assert.match(page, /SPF pass \(lab\.test\), DKIM pass \(lab\.test\), DMARC pass \(lab\.test\)/);
  assert.match(page, /out\.harbour\.example \[127\.0\.\d+\.1\], TLSv1\.3 /);
  const list = (await ask("/lab")).body;
  assert.match(list, /class="pill passed">DMARC pass</);
  assert.match(list, /class="pill failed">DMARC none</);
  assert.equal((await ask("/lab/api/messages?q=dmarc+none")).json<{ messages: Listed[] }>().messages.length, 1);
});
