import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { AcceptAnswer, Door, Refusal, SmtpDoorParts } from "../../src/accept/index.ts";
import { startSmtpDoor } from "../../src/accept/index.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/config/index.ts";
import { durationMs } from "../../src/kernel/index.ts";
import { type FakePort, doorParts, fakePort, spoolId, testCertificate } from "../support/smtp-door.ts";
import { type SmtpLine, directLine, socketLine } from "../support/smtp-line.ts";
import { type VirtualClock, virtualClock } from "../support/virtual-clock.ts";
import { type Step, matches, octetsOf, readScript } from "./script.ts";

const FOLDER = import.meta.dirname;

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".txt"))) {
  test(file.slice(0, -4).replaceAll("-", " "), { timeout: 20_000 }, () => play(file));
}

type Stage = {
  parts: SmtpDoorParts;
  port: FakePort;
  clock: VirtualClock;
  line: SmtpLine;
  door: Door | null;
  stopped: Promise<void> | null;
  release: () => void;
};

async function play(file: string): Promise<void> {
  const steps = readScript(readFileSync(path.join(FOLDER, file), "utf8"));
  const stage = await setUp(steps.filter((step) => step.word === "WITH"));
  let unsent: Buffer[] = [];
  try {
    for (const step of steps.filter((one) => one.word !== "WITH")) {
      try {
        if (step.word === "C:") unsent.push(octetsOf(`${step.rest}\\r\\n`));
        else if (step.word === "C>") unsent.push(octetsOf(step.rest));
        else {
          if (unsent.length > 0) stage.line.send(Buffer.concat(unsent));
          unsent = [];
          await act(stage, step);
        }
      } catch (error) {
        throw new Error(`${file}:${step.at}: ${step.word} ${step.rest}: ${(error as Error).message}`, { cause: error });
      }
    }
  } finally {
    stage.line.destroy();
    await (stage.stopped ?? stage.door?.stop(0));
  }
}

async function setUp(settings: readonly Step[]): Promise<Stage> {
  const port = fakePort();
  const clock = virtualClock();
  const parts = doorParts(port, { clock, limits: { ...DEFAULT_LIMITS } });
  let release = (): void => {};
  let elsewhere = false;
  for (const { rest } of settings) {
    const [name, value] = divided(rest);
    if (name === "tls") parts.tls = testCertificate();
    else if (name === "implicit-tls") Object.assign(parts, { tls: testCertificate(), implicitTls: true });
    else if (name === "plaintext-auth") parts.allowPlaintextAuth = true;
    else if (name === "client-elsewhere") elsewhere = true; // not on this machine, so without a network
    else if (name === "client-known-by-address") port.knowsEveryone = true;
    else if (name === "intake") port.intake = refusalOf(value);
    else if (name === "answer") {
      if (value === "broken") port.answer = () => Promise.reject(new Error("the disk is on fire"));
      else if (value === "waiting") {
        const released = new Promise<void>((resolve) => (release = resolve));
        port.answer = async (submission) => {
          await released;
          port.taken.push(submission);
          return { kind: "accepted", spoolId: spoolId(port.taken.length), replayed: false };
        };
      } else {
        const refused: AcceptAnswer = { kind: "refused", refusal: refusalOf(value) };
        port.answer = () => Promise.resolve(refused);
      }
    } else if (name in parts.limits) parts.limits[name as keyof Limits] = Number(value);
    else throw new Error(`no such setting: ${name}`);
  }
  const door = elsewhere ? null : await startSmtpDoor(parts);
  const line = door ? await socketLine(door.address.port, parts.implicitTls) : directLine(parts, "192.0.2.1");
  return { parts, port, clock, door, line, stopped: null, release };
}

async function act(stage: Stage, { word, rest }: Step): Promise<void> {
  const { line, port } = stage;
  switch (word) {
    case "S:": {
      const said = await line.line();
      assert.ok(said !== null && matches(said, rest), `the server said ${JSON.stringify(said)}`);
      return;
    }
    case "S*": {
      for (;;) {
        const said = await line.line();
        assert.ok(said !== null && said.startsWith(rest), `the server said ${JSON.stringify(said)}`);
        if (said[3] !== "-") return;
      }
    }
    case "CLOSED":
      assert.equal(await line.line(), null);
      return;
    case "TLS":
      return line.secure();
    case "END":
      return line.end();
    case "WAIT":
      return stage.clock.advance(durationMs(rest)!);
    case "STOP":
      stage.stopped = stage.door!.stop(1000);
      return;
    case "RELEASE":
      return stage.release();
    case "GOT": {
      const [what, value] = divided(rest);
      assert.equal(got(port, what), octetsOf(value).toString("utf8"));
      return;
    }
    default:
      throw new Error("no such step");
  }
}

/** What arrived: of the latest message, unless it is their number. */
function got(port: FakePort, what: string): string {
  const last = port.taken.at(-1);
  if (what === "messages") return String(port.taken.length);
  assert.ok(last, "no message arrived");
  const { envelope } = last;
  switch (what) {
    case "submitter":
      return `${last.submitter.tenant}/${last.submitter.credential}`;
    case "from":
      return envelope.returnPath?.address ?? "<>";
    case "to":
      return envelope.recipients.map((recipient) => recipient.mailbox.address).join();
    case "dsn":
      return JSON.stringify([envelope.dsn, ...envelope.recipients.map((recipient) => recipient.dsn)]);
    case "needs":
      return [envelope.needs8bit ? "8bit" : "", envelope.needsSmtputf8 ? "smtputf8" : ""].filter(Boolean).join();
    case "text":
      return last.raw.toString("utf8");
    case "octets":
      return String(last.raw.length);
    default:
      throw new Error(`no such fact: ${what}`);
  }
}

function refusalOf(text: string): Refusal {
  const [, replyCode, enhancedStatus, publicMessage] = /^(\d{3}) (\S+) (.*)$/.exec(text)!;
  return {
    code: "test-refusal",
    smtp: { replyCode: Number(replyCode), enhancedStatus: enhancedStatus! },
    http: { status: 400 },
    publicMessage: octetsOf(publicMessage!).toString("utf8"),
  };
}

function divided(text: string): [string, string] {
  const space = text.indexOf(" ");
  return space === -1 ? [text, ""] : [text.slice(0, space), text.slice(space + 1)];
}
