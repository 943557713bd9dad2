import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import type { Clock, LogFields } from "../kernel/index.ts";
import { Secret, systemClock } from "../kernel/index.ts";
import { isSecretName, LONGEST_VALUE, safeText } from "./log-safety.ts";
import { openSink } from "./log-sink.ts";
import { createLogger, type LoggerParts } from "./logger.ts";

const folder = mkdtempSync(path.join(tmpdir(), "postern-log-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const noon: Clock = { ...systemClock, now: () => Date.parse("2026-11-24T12:03:04.005Z") };
let files = 0;

/** What a logger wrote in the end. */
function written(work: (logger: ReturnType<typeof createLogger>) => void, parts: Partial<LoggerParts> = {}): string {
  files += 1;
  const file = path.join(folder, `${files}.log`);
  const logger = createLogger({ level: "info", pretty: false, destination: file, clock: noon, ...parts });
  work(logger);
  logger.flush();
  return readFileSync(file, "utf8");
}

const line = (fields: LogFields): Record<string, unknown> =>
  JSON.parse(written((log) => log.info("thing.happened", fields))) as Record<string, unknown>;

describe("a JSON line", () => {
  test("holds level, time, event and the fields, flat, and nothing else", () => {
    const text = written((log) => log.warn("thing.happened", { tenant: "acme", n: 3, done: true, none: null }));
    assert.equal(
      text,
      '{"level":"warn","time":"2026-11-24T12:03:04.005Z","event":"thing.happened","tenant":"acme","n":3,"done":true,"none":null}\n',
    );
  });

  test("is written from the asked level upwards only", () => {
    const text = written((log) => {
      log.debug("one");
      log.info("two");
      log.warn("three");
      log.error("four");
    });
    assert.deepEqual(
      text
        .trim()
        .split("\n")
        .map((each) => (JSON.parse(each) as { event: string }).event),
      ["two", "three", "four"],
    );
  });

  test("keeps a field that is called like the line's own ones apart from them", () => {
    assert.deepEqual(line({ level: "high", event: "other", time: 5 }), {
      level: "info",
      time: "2026-11-24T12:03:04.005Z",
      event: "thing.happened",
      level_: "high",
      event_: "other",
      time_: 5,
    });
  });

  test("cuts a value that is too long", () => {
    const cut = line({ cause: "x".repeat(5_000) })["cause"] as string;
    assert.equal(cut.length, LONGEST_VALUE);
    assert.ok(cut.endsWith("x…"));
  });

  test("never looks into something that is no plain value", () => {
    const odd = { inside: { password: "hunter2" }, secretly: new Secret("hunter2") } as unknown as LogFields;
    assert.deepEqual(line(odd)["inside"], "[object]");
    assert.ok(!JSON.stringify(line(odd)).includes("hunter2"));
  });
});

describe("planted secrets never reach a line", () => {
  const PLANTED = "hunter2-planted-secret";
  for (const name of [
    "password",
    "smtpPassword",
    "passwd",
    "apiKey",
    "api_key",
    "authorization",
    "token",
    "resetToken",
    "clientSecret",
    "cookie",
    "set-cookie",
    "privateKey",
  ]) {
    test(`in a field called ${name}`, () => assert.equal(line({ [name]: PLANTED })[name], "[secret]"));
  }

  test("while fields that only sound alike stay readable", () => {
    for (const name of ["credential", "key", "pass", "author", "spoolId", "provider"]) assert.ok(!isSecretName(name));
  });

  const values: [what: string, text: string, safe: string][] = [
    ["an address", "alice@example.com", "a***@example.com"],
    ["an address in a sentence", "550 <alice.b+c@example.com>: unknown", "550 <a***@example.com>: unknown"],
    ["several addresses", "to:a.b@c.test,d.e@f.test", "to:a***@c.test,d***@f.test"],
    [
      "an address in a URL's query",
      "/v1/messages?recipient=alice%40example.com",
      "/v1/messages?recipient=a***%40example.com",
    ],
    ["an address with letters beyond ASCII", "jérôme@exämple.test", "j***@exämple.test"],
    ["an address that begins with an emoji", "👻boo@example.test", "👻***@example.test"],
    ["the password of a database URL", "postgres://postern:hunter2@db/x", "postgres://[secret]@db/x"],
    ["a webhook secret", `wrong whsec_${"Q".repeat(44)} given`, "wrong [secret] given"],
    ["an Authorization value", "sent Bearer key_0123456789abcdef here", "sent Bearer [secret] here"],
    ["another Authorization value", "Basic dXNlcjpwYXNzd29yZA==", "Basic [secret]"],
  ];
  for (const [what, text, safe] of values) {
    test(`${what} is masked wherever it stands`, () => {
      assert.equal(line({ cause: text })["cause"], safe);
      assert.equal((JSON.parse(written((log) => log.info(text))) as { event: string }).event, safe);
    });
  }

  test("an address across the cut is masked like any other", () => {
    const text = `${"x".repeat(LONGEST_VALUE - 8)} ${"a".repeat(64)}@example.com`;
    assert.ok(!safeText(text).includes("aa"));
  });

  test("a sign that is no address is left alone", () => assert.equal(safeText("3 @ 5 @"), "3 @ 5 @"));
});

describe("what would draw on a terminal", () => {
  const nasty = "a\nb\r\t\u001b[2Jc\u009b1md\u202ee\u0000f\u2028g\ud800h";
  const harmless = "a\\nb\\r\\t\\u001b[2Jc\\u009b1md\\u202ee\\u0000f\\u2028g\\ud800h";
  test("is written out in JSON", () => assert.equal(line({ cause: nasty })["cause"], harmless));
  test("is written out for people", () => {
    const text = written((log) => log.info("thing.happened", { cause: nasty }), { pretty: true });
    assert.ok(text.includes(harmless), text);
    assert.equal(text.split("\n").length, 2, "one event is one line");
  });
  test("in a field's name, too", () => assert.ok(Object.keys(line({ "a\u001b[2J": 1 })).includes("a\\u001b[2J")));
});

describe("a line for people", () => {
  test("holds the time, the event and key=value, quoted where it must be", () => {
    const text = written(
      (log) => log.info("thing.happened", { tenant: "acme", n: 3, cause: 'it "broke"', empty: "" }),
      {
        pretty: true,
      },
    );
    assert.match(text, /^\d\d:03:04 thing\.happened {2}tenant=acme n=3 cause="it \\"broke\\"" empty=""\n$/);
  });

  test("shows trouble in colour", () => {
    const text = written((log) => log.error("thing.broke", { password: "hunter2" }), { pretty: true });
    assert.match(text, /^\d\d:03:04 .\[31mthing\.broke.\[0m {2}password=\[secret\]\n$/);
  });
});

test("lines still buffered when the process ends are written", () => {
  const file = path.join(folder, "exit.log");
  const program = `
    import { createLogger } from ${JSON.stringify(path.join(import.meta.dirname, "logger.ts"))};
    const log = createLogger({ level: "info", pretty: false, destination: ${JSON.stringify(file)} });
    for (let n = 0; n < 3; n += 1) log.info("last.words", { n });
    process.exit(0);`;
  const run = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  assert.equal(readFileSync(file, "utf8").trim().split("\n").length, 3);
});

test("a reader that stands still costs bounded memory, and is told afterwards how many lines it missed", async () => {
  const fifo = path.join(folder, "slow");
  assert.equal(spawnSync("mkfifo", [fifo]).status, 0);
  const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  let missed = 0;
  const sink = openSink(fd, (lines) => (missed += lines), { backlogBytes: 64 * 1024 });
  const LINES = 4_000;
  for (let n = 0; n < LINES; n += 1) sink.write(`${"x".repeat(99)}\n`);
  let readBytes = 0;
  const buffer = Buffer.alloc(64 * 1024);
  while (missed === 0 || readBytes < (LINES - missed) * 100) {
    try {
      readBytes += readSync(fd, buffer);
    } catch {
      await new Promise(setImmediate); // nothing to read at this moment
    }
  }
  closeSync(fd);
  assert.ok(missed > 0 && missed < LINES, `${missed} missed`);
});

const FULL = "/dev/full";
const onFullDisk = existsSync(FULL) ? test : test.skip;

onFullDisk("a process under whose log the disk is full still ends", () => {
  const program = `
    import { createLogger } from ${JSON.stringify(path.join(import.meta.dirname, "logger.ts"))};
    const log = createLogger({ level: "info", pretty: false, destination: "${FULL}" });
    for (let n = 0; n < 3; n += 1) log.info("last.words", { n });
    process.exit(0);`;
  const run = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { timeout: 20_000 });
  assert.equal(run.status, 0, String(run.stderr));
});

onFullDisk("a full disk is said on standard error, once", () => {
  const program = `
    import { createLogger } from ${JSON.stringify(path.join(import.meta.dirname, "logger.ts"))};
    const log = createLogger({ level: "info", pretty: false, destination: "${FULL}" });
    let n = 0;
    const timer = setInterval(() => {
      log.info("thing.happened", { cause: "x".repeat(900) });
      if ((n += 1) === 50) clearInterval(timer);
    }, 1);`;
  const run = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    timeout: 20_000,
    encoding: "utf8",
  });
  assert.equal(run.status, 0);
  assert.equal(run.stderr, "The log cannot be written: ENOSPC: no space left on device, write\n");
});

test("a file that cannot be opened is said at once", () => {
  assert.throws(
    () => createLogger({ level: "info", pretty: false, destination: path.join(folder, "no", "such", "folder.log") }),
    /ENOENT/,
  );
});

test("an info line costs less than 5 µs", (context) => {
  const LINES = 1_000;
  const BATCHES = 20;
  let bestUs = Number.POSITIVE_INFINITY;
  written((log) => {
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const began = performance.now();
      for (let n = 0; n < LINES; n += 1) {
        log.info("handoff.settled", {
          spoolId: "0193a1b2-c3d4-7abc-8def-0123456789ab",
          tenant: "acme",
          provider: "harbour",
          outcome: "accepted",
          attempt: n,
          ms: 12.5,
        });
      }
      bestUs = Math.min(bestUs, ((performance.now() - began) / LINES) * 1_000);
      log.flush();
    }
  });
  context.diagnostic(`${bestUs.toFixed(2)} µs a line (best of ${BATCHES} batches of ${LINES})`);
  assert.ok(bestUs < 5, `${bestUs} µs`); // the best batch: the others measure what else the machine is doing
});
