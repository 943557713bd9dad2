import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import {
  type PosternProcess,
  type Started,
  runPosternProcess,
  scratchLab,
  startPostern,
  started,
} from "../support/postern-process.ts";
import { type FreshDatabase, freshDatabase } from "../support/postgres.ts";

/** The lab as a newcomer has it: everything as its own process, made to fail from the command line. */
const lab = scratchLab();
let fresh: FreshDatabase;
let serve: PosternProcess;
let at: Started;
before(async () => {
  fresh = await freshDatabase();
  serve = startPostern(["serve"], { environment: { ...lab.environment, POSTERN_DATABASE_URL: fresh.url } });
  at = await started(serve);
});
after(async () => {
  serve.child.kill("SIGTERM");
  await serve.ended;
  await fresh.drop();
  lab.remove();
});

const run = async (...words: string[]) => {
  const { code, out, err } = await runPosternProcess(["lab", ...words, "--server", `http://${at.http}`], {
    environment: lab.environment,
    cwd: lab.folder,
  });
  return { code, out, err };
};
const keyOf = (): string =>
  (JSON.parse(readFileSync(path.join(lab.data, "lab-credentials.json"), "utf8")) as { apiKey: string }).apiKey;
async function send(subject: string): Promise<string> {
  const answer = await fetch(`http://${at.http}/v1/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${keyOf()}`, "content-type": "application/json" },
    body: JSON.stringify({ from: "hello@lab.test", to: ["you@example.com"], subject, text: "Hello" }),
  });
  assert.equal(answer.status, 202);
  return ((await answer.json()) as { id: string }).id;
}
type Arrived = { provider: string; subject: string };
const carriersOf = async (subject: string): Promise<string[]> => {
  const answer = await fetch(`http://${at.http}/lab/api/messages`);
  const { messages } = (await answer.json()) as { messages: Arrived[] };
  return messages.filter((one) => one.subject === subject).map(({ provider }) => provider);
};
/** Mail by mandrill but for one in twenty, which is the standby's share. */
async function sentByMandrill(subject: string): Promise<string> {
  for (;;) {
    const id = await send(subject);
    const carriers = await eventually(async () =>
      (await carriersOf(subject)).length > 0 ? carriersOf(subject) : null,
    );
    if (carriers[0] === "mandrill") return id;
  }
}

describe("a lab in the hands of a newcomer", () => {
  test("mail goes by mandrill, and mandrill's webhook says that it was delivered", async () => {
    const id = await sentByMandrill("first");
    await eventually(async () => {
      const story = await fetch(`http://${at.http}/v1/messages/${id}`, {
        headers: { authorization: `Bearer ${keyOf()}` },
      });
      const { recipients } = (await story.json()) as { recipients: { state: string }[] };
      return recipients[0]?.state === "delivered";
    });
  });

  test("suspended from the command line, its mail arrives by the standby, once", async () => {
    const fault = await run("fault", "mandrill", "suspended", "--variant", "account-suspended");
    assert.deepEqual([fault.code, fault.out], [0, "mandrill: suspended: account-suspended.\n"], fault.err);
    // Until one went to mandrill and was held there, however the standby's share is drawn.
    let held = "";
    for (let n = 0; held === ""; n += 1) {
      const subject = `second ${n}`;
      await send(subject);
      assert.deepEqual(
        await eventually(async () => ((await carriersOf(subject)).length > 0 ? carriersOf(subject) : null)),
        ["harbour"],
      );
      const { out } = await run("insider", "mandrill", "read-sent", "--json");
      const { messages } = JSON.parse(out) as { messages: { subject: string; state: string }[] };
      held = messages.find(({ state }) => state === "held")?.subject ?? "";
    }
    const status = await run("status");
    assert.match(status.out, /^mandrill +mandrill +\S+ +suspended: account-suspended +normal +\d+ +0 +1 \(1 held\)$/m);

    const release = await run("release", "mandrill", "--json");
    assert.deepEqual(JSON.parse(release.out), { name: "mandrill", released: 1 });
    assert.ok(await eventually(async () => (await carriersOf(held)).length === 2));
    assert.deepEqual((await carriersOf(held)).toSorted(), ["harbour", "mandrill"]);
  });

  test("an insider's acts are said, and stay in the account", async () => {
    assert.match((await run("insider", "mandrill", "export-recipients")).out, /^you@example\.com\n$/);
    const added = await run("insider", "mandrill", "add-sender", "--email", "thief@evil.example");
    assert.equal(added.out, "mandrill: add-sender done (thief@evil.example).\n");
    assert.match((await run("insider", "mandrill", "read-sent")).out, /hello@lab\.test +you@example\.com +first/);
    const page = await fetch(`http://${at.http}/lab/providers/mandrill/insider`);
    assert.match(await page.text(), /thief@evil\.example/);
  });

  test("names that are none are answered with those that are, and end with 1", async () => {
    const cases = [
      [["fault", "mandrill", "broken"], /^lab-mode-unknown\n {2}The field mode must be one of: ok, slow/],
      [["fault", "ses", "suspended", "?"], /^lab-variant-unknown[^]*account-suspended, sending-paused/],
      [["release", "harbour"], /^lab-no-account/],
      [["insider", "mandrill", "add-key"], /^lab-field-missing\n {2}The act add-key needs the field keyName/],
    ] as const;
    for (const [words, sentence] of cases) {
      const { code, err } = await run(...words);
      assert.equal(code, 1);
      assert.match(err, sentence);
    }
    // The mode without a fault has two names, and either does.
    assert.equal((await run("fault", "harbour", "ok")).out, "harbour: normal.\n");
    assert.equal((await run("fault", "mandrill", "normal")).out, "mandrill: ok.\n");
  });

  test("without --server, a lab at any free port cannot be found, and that is said", async () => {
    const { code, err } = await runPosternProcess(["lab", "status"], { environment: lab.environment, cwd: lab.folder });
    assert.equal(code, 1);
    assert.match(err.replaceAll(/\s+/g, " "), /^lab-not-here POSTERN_HTTP_PORT is 0, .*--server/);
  });
});
