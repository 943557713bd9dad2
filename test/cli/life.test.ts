import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import {
  ROOT,
  type PosternProcess,
  type Started,
  runPosternProcess,
  scratchLab,
  startPostern,
  started,
} from "../support/postern-process.ts";

/** One data folder through a day: started, used by commands beside it, killed, used without it, stopped. */
const lab = scratchLab();
const run = (words: readonly string[], input?: string) =>
  runPosternProcess(words, {
    environment: lab.environment,
    cwd: lab.folder,
    ...(input === undefined ? {} : { input }),
  });
let serve: PosternProcess;
let at: Started;

const start = async (): Promise<void> => {
  serve = startPostern(["serve"], { environment: lab.environment, cwd: lab.folder });
  at = await started(serve);
};
before(start);
after(async () => {
  serve.child.kill("SIGKILL");
  await run(["queue", "stats"]); // adopts the database a killed Postern left, and stops it
  lab.remove();
});

describe("a lab and the commands beside it", () => {
  let sent: string;

  test("a letter from a file is sent, followed to its end, and its Bcc and line ends are mended aloud", async () => {
    const file = path.join(lab.folder, "letter.eml");
    writeFileSync(file, "From: app@lab.test\nTo: anna@example.org\nBcc: bob@example.net\nSubject: hi\n\nHello\n");
    const { code, out, err } = await run(["send", file, "--wait", "--server", `http://${at.http}`]);
    assert.equal(code, 0, out + err);
    assert.match(
      out,
      /^[0-9a-f-]{36} accepted\n {2}1 {2}(mandrill|harbour) {2}accepted after .*\n(?: {5}\S.*\n)* {5}why there: .*\n/,
    );
    // The provider's notice may be faster than the command looks.
    assert.match(
      out,
      /^(?:handed-off|delivered) {2,3}anna@example\.org\n(?:handed-off|delivered) {2,3}bob@example\.net\n$/m,
    );
    assert.equal(err, "6 line ends were made CRLF, as mail needs it.\nThe Bcc field was taken out.\n");
    sent = out.slice(0, 36);
  });

  test("so is one from standard input over SMTP, and one made of options", async () => {
    const smtp = await run(
      ["send", "-", "--smtp", at.smtp, "--json"],
      "From: app@lab.test\r\nTo: anna@example.org\r\n\r\nHello\r\n",
    );
    assert.equal(smtp.code, 0, smtp.err);
    assert.match((JSON.parse(smtp.out) as { id: string }).id, /^[0-9a-f-]{36}$/);
    const made = await run([
      "send",
      "--to",
      "anna@example.org",
      "--subject",
      "Grüße",
      "--stream",
      "security",
      "--wait",
      "--json",
      "--server",
      `http://${at.http}`,
    ]);
    assert.equal(made.code, 0, made.err);
    assert.deepEqual((JSON.parse(made.out) as { stream: string; state: string }).state, "ended");
  });

  test("a refusal gives the server's code and sentence", async () => {
    const { code, err } = await run([
      "send",
      "--from",
      "app@elsewhere.test",
      "--to",
      "a@example.org",
      "--server",
      `http://${at.http}`,
    ]);
    assert.equal(code, 1);
    assert.match(err, /^author-not-allowed\n {2}This credential may not send as elsewhere\.test/);
  });

  test("queue commands use the database that runs", async () => {
    const { out } = await run(["queue", "show", sent]);
    assert.match(out, new RegExp(`^${sent}\\n {2}State {7}ended: (?:handed-off|delivered)`));
    assert.equal((await run(["queue", "list"])).out, "The queue is empty.\n");
  });

  test("doctor finds nothing wrong and names the ports and providers of the running lab", async () => {
    const { code, out } = await run(["doctor", "--json"]);
    const report = JSON.parse(out) as { ok: boolean; checks: { name: string; state: string; sentence: string }[] };
    assert.deepEqual([code, report.ok], [0, true], out);
    assert.deepEqual(
      report.checks.filter((check) => check.state === "wrong"),
      [],
    );
    assert.match(
      report.checks.find((check) => check.name === "holder")!.sentence,
      new RegExp(`^Process ${at.pid} runs`),
    );
  });

  test("a second start on the same data says who holds it", async () => {
    const { code, err } = await run(["serve"]);
    assert.equal(code, 1);
    assert.match(
      err.replaceAll(/\s+/g, " "),
      new RegExp(`^data-folder-held .* in use by process ${at.pid}, started .*kill ${at.pid}.*POSTERN_DATA`),
    );
  });

  test("killed: commands still see everything, and the next start goes on", async () => {
    serve.child.kill("SIGKILL");
    await serve.ended;
    const { code, out } = await run(["queue", "show", sent, "--json"]);
    assert.equal(code, 0);
    assert.equal((JSON.parse(out) as { id: string }).id, sent);
    await start();
  });

  test("SIGTERM ends it calmly with 0, and nothing is left running", async () => {
    serve.child.kill("SIGTERM");
    const { code, out } = await serve.ended;
    assert.equal(code, 0, out);
    assert.match(out, /"process\.stopped"/);
    assert.equal(existsSync(path.join(lab.data, "holder.json")), false);
    assert.equal(existsSync(path.join(lab.data, "postgres/postmaster.pid")), false);
  });

  test("commands piped into each other take turns when each must start the database itself", async () => {
    const postern = `"${path.join(ROOT, "bin/postern")}" queue`;
    const { code, err } = await runPosternProcess(["-c", `${postern} list --state all --ids | ${postern} cancel -`], {
      environment: lab.environment,
      cwd: lab.folder,
      program: "sh",
    });
    assert.equal(code, 1);
    assert.equal(
      err
        .trim()
        .split("\n")
        .filter((one) => one.includes("has ended already")).length,
      3,
      err,
    );
  });

  test("nothing secret was printed", () => {
    const { password, apiKey } = JSON.parse(
      readFileSync(path.join(lab.data, "lab-credentials.json"), "utf8"),
    ) as Record<string, string>;
    const lines = serve.out.split("\n").filter((line) => line.startsWith("{"));
    for (const secret of [password!, apiKey!])
      assert.ok(!lines.some((line) => line.includes(secret)), "a secret is in the log");
  });
});
