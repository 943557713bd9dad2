import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { runPosternProcess, scratchLab, startPostern, started } from "../support/postern-process.ts";
import { freshDatabase } from "../support/postgres.ts";

/** What is promised: from the first message that is swallowed until all critical mail goes another way. */
const PROMISED_MS = 100_000;
/** After the verdict, for what was swallowed. */
const INBOX_MS = 90_000;
const EVERY_MS = 3_000;
const USUAL = 8;

/**
 * The story of docs/stories/gone-without-a-word.md, in real time and with real processes: `postern serve` as a newcomer
 * starts it, its providers' stand-ins over sockets, an application that sends an alert every three seconds.
 */
test("a provider that swallows mail without a word is found out, and all critical mail arrives by the standby", async (t) => {
  const lab = scratchLab({ POSTERN_LAB_CANARIES: "on" });
  const place = await freshDatabase();
  const environment = { ...lab.environment, POSTERN_DATABASE_URL: place.url };
  let stopped = false;
  let application = Promise.resolve();
  const serve = startPostern(["serve"], { environment });
  try {
    const at = await started(serve);
    const { apiKey } = JSON.parse(readFileSync(path.join(lab.data, "lab-credentials.json"), "utf8")) as Record<
      string,
      string
    >;
    const send = async (subject: string): Promise<void> => {
      const answer = await fetch(`http://${at.http}/v1/messages`, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({ from: "app@lab.test", to: ["you@example.com"], subject, text: "Look at it." }),
      });
      assert.equal(answer.status, 202, "the application sees no error");
    };
    const carriers = async (): Promise<Map<string, string[]>> => {
      const answer = await fetch(`http://${at.http}/lab/api/messages`);
      const { messages } = (await answer.json()) as { messages: { subject: string; provider: string }[] };
      const of = Map.groupBy(messages, ({ subject }) => subject);
      return new Map([...of].map(([subject, copies]) => [subject, copies.map(({ provider }) => provider)]));
    };
    const verdict = async (): Promise<{ state: string; since: number } | undefined> =>
      (
        await place.database.query<{ state: string; since: number }>(
          "SELECT state, since FROM provider_standings WHERE provider = 'mandrill' AND scope = ''",
        )
      )[0];
    let number = 0;
    application = (async () => {
      while (!stopped) {
        number += 1;
        await send(`Alert ${number}`);
        await new Promise((resolve) => setTimeout(resolve, EVERY_MS)); // the application's pace, not a wait for anything
      }
    })();
    await eventually(async () => [...(await carriers()).keys()].includes(`Alert ${USUAL}`), 60_000);

    const fault = await runPosternProcess(
      ["lab", "fault", "mandrill", "accept-then-drop", "--server", `http://${at.http}`],
      { environment },
    );
    assert.equal(fault.code, 0, fault.err);
    const goneAt = Date.now();
    const down = await eventually(async () => {
      const found = await verdict();
      return found?.state === "DOWN" ? found : null;
    }, PROMISED_MS);
    const first = number + 1;
    await eventually(() => number >= first + 4, 30_000);
    stopped = true;
    await application;
    const after = Array.from({ length: number - first + 1 }, (_, n) => `Alert ${first + n}`);
    const every = Array.from({ length: number }, (_, n) => `Alert ${n + 1}`);
    await eventually(async () => {
      const all = await carriers();
      return every.every((subject) => all.has(subject));
    }, INBOX_MS);
    const healedMs = Date.now() - goneAt;
    const all = await carriers();
    for (const subject of after) assert.notDeepEqual(all.get(subject), ["mandrill"], subject);
    for (const [subject, by] of all) assert.ok(by.length <= 2, `${subject} came ${by.length} times`);
    const twice = every.filter((subject) => all.get(subject)!.length > 1).length;
    const shown = await runPosternProcess(["provider", "show", "mandrill"], { environment, cwd: lab.folder });
    assert.match(shown.out, /^mandrill {2}DOWN/, shown.err);
    assert.match(shown.out, /canaries did not arrive in time/);

    const foundMs = Number(down.since) - goneAt;
    assert.ok(foundMs <= PROMISED_MS, `DOWN ${foundMs} ms after the fault`);
    t.diagnostic(
      `DOWN ${(foundMs / 1000).toFixed(1)} s after the provider went silent; ${(healedMs / 1000).toFixed(1)} s after it every one of the ${number} alerts, those that were swallowed too, had arrived; ${twice} twice`,
    );
  } finally {
    stopped = true;
    await application.catch(() => {}); // what it met is told where it was awaited
    serve.child.kill("SIGTERM");
    await serve.ended;
    await place.drop();
    lab.remove();
  }
});
