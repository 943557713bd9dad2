import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { firstRunText } from "../../src/cli/first-run.ts";
import { labCredentials } from "../../src/config/index.ts";
import { systemRandom } from "../../src/kernel/index.ts";
import { eventually } from "../support/eventually.ts";
import { type PosternProcess, ROOT, scratchLab, startPostern, started } from "../support/postern-process.ts";
import { type FreshDatabase, freshDatabase } from "../support/postgres.ts";

/** Programs people have, run with the very lines that README.md and the first screen show, against a real lab. */
const lab = scratchLab();
let fresh: FreshDatabase;
let serve: PosternProcess;
let smtp: string;
let http: string;
let environment: Record<string, string>;
/** What the README leaves to its reader. */
let fill: (text: string) => string;
let firstScreen: string;

before(async () => {
  fresh = await freshDatabase();
  const labEnvironment = { ...lab.environment, POSTERN_DATABASE_URL: fresh.url };
  serve = startPostern(["serve"], { environment: labEnvironment, cwd: lab.folder });
  ({ smtp, http } = await started(serve));
  const credentials = labCredentials(lab.data, systemRandom);
  const [smtpPort, httpPort] = [smtp, http].map((place) => place.split(":")[1]!) as [string, string];
  environment = {
    ...labEnvironment,
    POSTERN_SMTP_PORT: smtpPort,
    POSTERN_HTTP_PORT: httpPort,
    PATH: `${path.join(ROOT, "node_modules/.bin")}:${process.env["PATH"]}`,
    HOME: lab.folder,
    KEY: credentials.apiKey,
    PASSWORD: credentials.password,
  };
  fill = (text) => text.replaceAll(":8025", `:${httpPort}`).replaceAll(/\b2525\b/g, smtpPort);
  const address = (port: string) => ({ host: "127.0.0.1", port: Number(port) });
  firstScreen = firstRunText({
    http: address(httpPort),
    smtp: address(smtpPort),
    credentials,
    color: false,
    width: 80,
  });
});
after(async () => {
  serve.child.kill("SIGTERM");
  await serve.ended;
  await fresh.drop();
  lab.remove();
});

describe("lines of README.md", () => {
  test("curl, by HTTP", { skip: without("curl", "--version") }, () =>
    arrives("Sent with curl.", () => shell(readme("sh", "curl "))),
  );

  test("swaks", { skip: without("swaks", "--version") }, () =>
    arrives("Sent with swaks.", () => shell(readme("sh", "swaks "))),
  );

  test("nodemailer", () =>
    arrives("Sent with nodemailer.", () => {
      const first = 'import nodemailer from "nodemailer"; const { PASSWORD } = process.env;\n';
      return run("node", ["--input-type=module", "--eval", first + readme("js", "nodemailer")]);
    }));

  test("Python's smtplib", { skip: without("python3", "--version") }, () =>
    arrives("Sent with smtplib.", () => {
      const first = 'import os\nPASSWORD = os.environ["PASSWORD"]\n';
      return run("python3", ["-c", first + readme("py", "smtplib")]);
    }),
  );

  test("the typed client", () =>
    arrives("Sent with postern/client.", () => {
      const code = readme("ts", "createClient").replace('"./outbox"', JSON.stringify(path.join(lab.folder, "outbox")));
      const first = "const KEY: string = process.env.KEY!;\n";
      return run("node", ["--input-type=module-typescript", "--eval", `${first}${code}\nawait postern.close();`]);
    }));

  test("postern send", () =>
    arrives("Hello", () => {
      const [, words] = /`npm run -s (postern -- send [^`]+)`/.exec(README) ?? [];
      return shell(`npm run -s ${words!}`);
    }));
});

describe("lines of the first screen", () => {
  for (const [program, words] of [
    ["curl", "curl"],
    ["swaks", "swaks"],
    ["nodemailer", "nodemailer, in Postern's folder"],
  ] as const) {
    const skip = program === "nodemailer" ? false : without(program, "--version");
    test(program, { skip }, () =>
      arrives(`Sent with ${program}.`, () => {
        const from = firstScreen.indexOf(`\n  ${words}\n`) + words.length + 4;
        return shell(firstScreen.slice(from, firstScreen.indexOf("\n\n", from)));
      }),
    );
  }
});

describe("other ways of these programs", () => {
  test("curl, by SMTP", { skip: without("curl", "--version") }, () =>
    arrives("Sent by SMTP.", () =>
      shell(
        String.raw`printf 'From: hello@lab.test\r\nTo: you@example.com\r\nSubject: It works\r\n\r\nSent by SMTP.\r\n' |
        curl -sS smtp://${smtp} --user "lab:$PASSWORD" --mail-from hello@lab.test --mail-rcpt you@example.com --upload-file -`,
      ),
    ),
  );

  test(
    "swaks, with AUTH LOGIN, pipelining, an attachment and a line of dots",
    { skip: without("swaks", "--version") },
    () =>
      arrives(".\n..\n.", () =>
        shell(
          String.raw`swaks --server ${smtp} --auth LOGIN --auth-user lab --auth-password "$PASSWORD" --pipeline --from hello@lab.test --to you@example.com \
        --header 'Subject: It works' --body '.\n..\n.' --attach-type text/plain --attach-name a.txt --attach 'Attached.'`,
        ),
      ),
  );

  test(
    "smtplib, with send_message, two parts and letters beyond ASCII",
    { skip: without("python3", "--version") },
    () =>
      arrives("Grüße", () =>
        run("python3", [
          "-c",
          `
import os, smtplib
from email.message import EmailMessage
m = EmailMessage()
m["From"], m["To"], m["Subject"] = "Zoë <hello@lab.test>", "you@example.com", "It works"
m.set_content("Grüße\\n")
m.add_alternative("<p>Grüße</p>", subtype="html")
host, port = ${JSON.stringify(smtp)}.split(":")
with smtplib.SMTP(host, int(port)) as s:
    s.login("lab", os.environ["PASSWORD"])
    s.send_message(m)
`,
        ]),
      ),
  );

  test("nodemailer, pooled, thirty messages over its connections", async () => {
    await emptied();
    const { code, err } = await run("node", [
      "--input-type=module",
      "--eval",
      `import nodemailer from "nodemailer";
       const t = nodemailer.createTransport({ pool: true, host: "127.0.0.1", port: ${smtp.split(":")[1]}, auth: { user: "lab", pass: process.env.PASSWORD } });
       await Promise.all(Array.from({ length: 30 }, (_, n) => t.sendMail({ from: "hello@lab.test", to: "you" + n + "@example.com", subject: "It works", text: "x" })));
       t.close();`,
    ]);
    assert.equal(code, 0, err);
    await eventually(async () => (await inbox()).length === 30);
  });
});

type Ended = { code: number | null; out: string; err: string };
type LabMessage = { id: number; from: string; to: string; subject: string };

/** Sends, sees the program say that all went well, and finds the message in the lab's inbox: once, and whole. */
async function arrives(text: string, send: () => Promise<Ended>): Promise<void> {
  await emptied();
  const { code, out, err } = await send();
  assert.equal(code, 0, out + err);
  const [message] = await eventually(async () => {
    const messages = await inbox();
    return messages.length > 0 ? messages : null;
  });
  assert.match(message!.from, /hello@lab\.test|@lab\.test/);
  assert.match(message!.to, /you@example\.com/);
  assert.match(message!.subject, /^(It works|Hi)$/);
  const whole = (await (await fetch(`http://${http}/lab/api/messages/${message!.id}`)).json()) as {
    text: string | null;
  };
  assert.equal((whole.text ?? "").replaceAll("\r\n", "\n").slice(0, text.length), text);
  assert.equal((await inbox()).length, 1);
}

async function inbox(): Promise<LabMessage[]> {
  return ((await (await fetch(`http://${http}/lab/api/messages`)).json()) as { messages: LabMessage[] }).messages;
}
const emptied = () => fetch(`http://${http}/lab/api/messages`, { method: "DELETE" });

const README = readFileSync(path.join(ROOT, "README.md"), "utf8");

/** The command that begins so, or the whole block that holds these words, with the lab's own ports. */
function readme(language: string, words: string): string {
  const blocks = [...README.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter(([, name]) => name === language);
  const texts = blocks.flatMap(([, , text]) => (language === "sh" ? text!.split("\n\n") : [text!]));
  const found = texts.find((text) => (language === "sh" ? text.startsWith(words) : text.includes(words)));
  assert.ok(found, `README.md shows no ${words} in ${language}`);
  return fill(found);
}

const shell = (text: string): Promise<Ended> => run("sh", ["-c", text]);

function run(program: string, words: readonly string[]): Promise<Ended> {
  const child = spawn(program, words, {
    cwd: ROOT,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 30_000,
  });
  const ended: Ended = { code: null, out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (ended.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (ended.err += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...ended, code }));
  });
}

function without(program: string, ...words: string[]): string | false {
  const { status } = spawnSync(program, words, { stdio: "ignore" });
  return status === null || status === 127 ? `${program} is not installed here` : false;
}
