import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageStory } from "../../src/spool/index.ts";
import { MxWorld } from "../../src/providers/direct-mx/world-for-tests.ts";
import { eventually } from "../support/eventually.ts";
import { fakeProvider, startMailPath, submission } from "../support/mail-path.ts";
import { freshDatabase } from "../support/postgres.ts";

test("the direct way first: what may not go there safely goes by a provider, and nobody's server shuts it for others", async (context) => {
  const place = await freshDatabase();
  const w = await MxWorld.start(context);
  const safe = await w.server("mx.safe.example");
  const clear = await w.server("mx.clear.example", { script: { offers: ["PIPELINING"] } });
  const silent = await w.server("mx.silent.example", { script: { text: () => "close" } });
  for (const domain of ["safe.example", "clear.example", "silent.example"]) w.mx(domain, `mx.${domain}`);
  const own = w.provider({ name: "harbour" });
  const lantern = fakeProvider("lantern");
  const path = await startMailPath(place.database, [own, lantern]);
  try {
    const send = async (stream: string, to: string): Promise<string> => {
      const answer = await path.port.accept(submission({ stream, to: [to] }));
      assert.equal(answer.kind, "accepted");
      return answer.kind === "accepted" ? answer.spoolId : "";
    };
    const tries = async (id: string, count: number): Promise<string[]> => {
      const story = await eventually(async () => {
        const found = await path.stories.find("acme", id as MessageStory["spoolId"]);
        return found && found.attempts.filter(({ outcome }) => outcome !== null).length >= count ? found : null;
      });
      return story.attempts.map(({ provider, outcome, cause }) => `${provider} ${outcome} ${cause}`);
    };

    assert.deepEqual(await tries(await send("security", "a@safe.example"), 1), ["harbour accepted accepted"]);
    assert.deepEqual(await tries(await send("security", "a@clear.example"), 2), [
      "harbour rejected tls-required",
      "lantern accepted accepted",
    ]);
    assert.equal(clear.messages.length, 0, "a secret was in clear");
    assert.deepEqual(await tries(await send("alerts", "a@clear.example"), 1), ["harbour accepted accepted"]);

    // Domains that somebody signs up with to close the way for others: refusals and ends that are unknown, in a row.
    for (let n = 0; n < 6; n += 1) await tries(await send("security", `a${n}@clear.example`), 2);
    for (let n = 0; n < 6; n += 1) await tries(await send("news", `a${n}@silent.example`), 1);
    assert.equal(silent.messages.length, 6);
    // An open breaker would send this one elsewhere.
    assert.deepEqual(await tries(await send("security", "b@safe.example"), 1), ["harbour accepted accepted"]);
    assert.equal(safe.messages.length, 2);
  } finally {
    await path.stop();
    await place.drop();
  }
});
