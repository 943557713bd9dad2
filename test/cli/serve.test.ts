import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { ROOT, runPosternProcess, scratchLab, startPostern, started } from "../support/postern-process.ts";
import { type FreshDatabase, freshDatabase } from "../support/postgres.ts";

let fresh: FreshDatabase;
const lab = scratchLab();
let environment: Record<string, string>;
before(async () => {
  fresh = await freshDatabase();
  environment = { ...lab.environment, POSTERN_DATABASE_URL: fresh.url };
});
after(async () => {
  await fresh.drop();
  lab.remove();
});

describe("postern serve", () => {
  test("a port in use names the door, the address and the way out, and ends with 1", async (t) => {
    const other = createServer().listen(0, "127.0.0.1");
    t.after(() => other.close());
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    for (const variable of ["POSTERN_HTTP_PORT", "POSTERN_SMTP_PORT"]) {
      const { code, err } = await runPosternProcess(["serve"], {
        environment: { ...environment, [variable]: String(port) },
      });
      assert.equal(code, 1);
      const sentence = err.replaceAll(/\s+/g, " ");
      assert.match(sentence, /^port-in-use Another program listens already where the (HTTP|SMTP) door/);
      assert.match(sentence, new RegExp(`127\\.0\\.0\\.1:${port}`));
      assert.match(sentence, new RegExp(variable));
    }
  });

  test("mistakes of the configuration are said with path, line and sentence, and end with 2", async () => {
    const file = path.join(lab.folder, "bad.yaml");
    writeFileSync(file, "listen: { smtp: 2525 }\ntenants: []\nprovders: []\n");
    const { code, err, out } = await runPosternProcess(["serve", "--config", file], { environment });
    assert.equal(code, 2);
    assert.equal(out, "");
    assert.match(err, /bad\.yaml has \d mistakes\.\n/);
    assert.match(err, /line 1, listen\.smtp:\n {4}must be host:port/);
    assert.match(err, /line 3, provders:\n {4}is not a known setting\. Did you mean providers\?/);
  });

  test("a database that is away is a problem with its cause, not a stack trace", async () => {
    const { code, err } = await runPosternProcess(["serve"], {
      environment: { ...environment, POSTERN_DATABASE_URL: "postgres://u:secret-word@127.0.0.1:9/x" },
    });
    assert.equal(code, 1);
    assert.match(err, /^database-unavailable\n/);
    assert.match(err, /Cause: .*ECONNREFUSED/);
    assert.doesNotMatch(err, /secret-word|at .*\.ts:/);
  });

  test("a database that refuses the login says what it said", async () => {
    const url = fresh.url.replace(/:[^:@/]+@/, ":wrong-password@");
    const { code, err } = await runPosternProcess(["serve"], {
      environment: { ...environment, POSTERN_DATABASE_URL: url },
    });
    assert.equal(code, 1);
    assert.match(err, /^database-refused\n {2}The database refused: password authentication failed/);
    assert.doesNotMatch(err, /wrong-password/);
  });

  /** A client in the middle of its message: at a calm end the door waits for it. */
  async function halfSent(door: string): Promise<Socket> {
    const { username, password } = JSON.parse(readFileSync(path.join(lab.data, "lab-credentials.json"), "utf8")) as {
      username: string;
      password: string;
    };
    const [host, port] = door.split(":") as [string, string];
    const socket = connect(Number(port), host);
    socket.on("error", () => {});
    const login = Buffer.from(`\0${username}\0${password}`).toString("base64");
    for (const line of [
      "EHLO c.test",
      `AUTH PLAIN ${login}`,
      "MAIL FROM:<a@lab.test>",
      "RCPT TO:<b@example.org>",
      "DATA",
    ]) {
      await once(socket, "data");
      socket.write(`${line}\r\n`);
    }
    assert.match(String(await once(socket, "data")), /^354 /);
    socket.write("From: a@lab.test\r\nSubject: half\r\n");
    return socket;
  }

  test("one SIGINT is a calm end, told twice by npm it still is; pressed again it ends at once", async () => {
    const serve = startPostern(["serve"], { environment });
    const client = await halfSent((await started(serve)).smtp);
    serve.child.kill("SIGINT");
    serve.child.kill("SIGINT");
    await eventually(() => serve.out.includes('"process.stopping"'));
    assert.equal(serve.child.exitCode, null);
    const pressing = setInterval(() => serve.child.kill("SIGINT"), 50);
    const { code } = await serve.ended;
    clearInterval(pressing);
    client.destroy();
    assert.equal(code, 130);
  });

  test("SIGTERM: a message on its way in gets an answer, then it ends with 0", async () => {
    const serve = startPostern(["serve"], { environment });
    const client = await halfSent((await started(serve)).smtp);
    serve.child.kill("SIGTERM");
    await eventually(() => serve.out.includes('"process.stopping"'));
    client.write("\r\nhalf\r\n.\r\n");
    assert.match(String(await once(client, "data")), /^250 /); // the door waits for who is in the middle of a message
    assert.equal((await serve.ended).code, 0);
  });

  test("npm start: a SIGTERM to npm reaches the program, which ends calmly", async () => {
    const npm = startPostern(["start"], { environment, program: "npm" });
    await started(npm);
    npm.child.kill("SIGTERM");
    const { out } = await npm.ended;
    assert.match(out, /"process\.stopped"/);
  });
});

describe("the launcher", () => {
  test("works through symbolic links from anywhere, with words as they are", async () => {
    const elsewhere = path.join(lab.folder, "some where");
    mkdirSync(elsewhere);
    symlinkSync(path.join(ROOT, "bin/postern"), path.join(elsewhere, "first"));
    symlinkSync("first", path.join(elsewhere, "po stern"));
    const parts = { environment: {}, cwd: elsewhere, program: path.join(elsewhere, "po stern") };
    assert.match((await runPosternProcess(["--version"], parts)).out, /^postern \d+\.\d+\.\d+ \(Node\.js v2[4-9]/);
    const { code, err } = await runPosternProcess(["queue", "show", "a b $HOME"], {
      ...parts,
      environment: { POSTERN_DATABASE_URL: fresh.url },
    });
    assert.equal(code, 1);
    assert.match(err, /"a b \$HOME"/);
  });

  test("unknown commands name the nearest one and end with 2", async () => {
    const { code, err } = await runPosternProcess(["docter"]);
    assert.equal(code, 2);
    assert.match(err, /Did you mean doctor\?/);
  });

  test("without a Node.js of its own it takes the system's if that is new enough, else says what to run", async () => {
    const bare = path.join(lab.folder, "bare");
    for (const folder of ["bin", "src", "path"]) mkdirSync(path.join(bare, folder), { recursive: true });
    cpSync(path.join(ROOT, "bin/postern"), path.join(bare, "bin/postern"));
    const systemNode = (major: number) =>
      writeFileSync(path.join(bare, "path/node"), `#!/bin/sh\n[ "$1" = -p ] && echo ${major} || echo "ran $*"\n`, {
        mode: 0o755,
      });
    const run = () =>
      runPosternProcess(["doctor"], {
        program: path.join(bare, "bin/postern"),
        environment: { PATH: `${path.join(bare, "path")}:${process.env["PATH"]}` },
      });
    systemNode(20);
    const old = await run();
    assert.equal(old.code, 1);
    assert.match(old.err, /^Postern needs Node\.js 24.*\nRun: cd .*bare && npm ci\n$/);
    systemNode(24);
    assert.match((await run()).out, /^ran (?:--\S+ )+\S*bare\/src\/main\.ts doctor\n$/);
  });

  test("a reader that goes away early is no fault", async () => {
    const { code, err } = await runPosternProcess(["-c", `"${ROOT}/bin/postern" help | head -n 1`], { program: "sh" });
    assert.deepEqual([code, err], [0, ""]);
  });
});

test("doctor, with a database that is away, says so and ends with 1", async () => {
  const { code, out } = await runPosternProcess(["doctor", "--json"], {
    environment: { ...environment, POSTERN_DATABASE_URL: "postgres://u:secret-word@127.0.0.1:9/x" },
  });
  assert.equal(code, 1);
  assert.doesNotMatch(out, /secret-word/);
  const report = JSON.parse(out) as { ok: boolean; checks: { name: string; state: string }[] };
  assert.equal(report.ok, false);
  assert.equal(report.checks.find((check) => check.name === "database")?.state, "wrong");
});
