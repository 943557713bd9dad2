import { readFileSync } from "node:fs";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { type Command, InvalidArgumentError, Option } from "commander";
import { Problem, durationMs, uuidText, uuidV7 } from "../../kernel/index.ts";
import { jsonText } from "../json.ts";
import { paintFor } from "../paint.ts";
import type { Act, Run } from "../run.ts";
import { printable } from "../text.ts";
import { EXIT, type World, print, textWidth } from "../world.ts";
import { apiOf } from "./api.ts";
import { follow } from "./follow.ts";
import { type Fields, type Letter, letterOf, plainLetter } from "./letter.ts";
import { type PostOffice, postOffice } from "./post-office.ts";
import { sendBySmtp } from "./smtp.ts";

type Options = {
  from?: string;
  to?: string[];
  subject?: string;
  text?: string;
  html?: string;
  stream?: string;
  tenant?: string;
  credential?: string;
  server?: string;
  smtp?: true | { host: string; port: number };
  wait?: boolean;
  timeout: number;
  json?: boolean;
};

export function addSend(program: Command, act: Act): void {
  const list = (address: string, before: string[] = []) => [...before, ...address.split(",").map((one) => one.trim())];
  const command = program
    .command("send")
    .summary("send a message through a running Postern")
    .description(
      "Sends a message file (.eml), standard input, or a message made of the options, over the HTTP door of the configured Postern; in the lab with the lab's own credential. Recipients are those of --to, else of To, Cc and Bcc.",
    )
    .argument("[file]", "the message as RFC 5322 text; - is standard input")
    .option("--from <address>", "return path, and the author of a message made here")
    .option("--to <address>", "a recipient; again for more", list)
    .option("--subject <text>", "subject of a message made here")
    .option("--text <text>", "its text")
    .option("--html <text>", "its text as HTML")
    .option("--stream <name>", "the stream; the tenant's default otherwise")
    .option("--tenant <name>", "the tenant, where the configuration has several")
    .option("--credential <name>", "the credential; otherwise the first with an API key")
    .option("--server <url>", "the HTTP door, with the key of POSTERN_API_KEY or of the credential")
    .option("--smtp [host:port]", "hand it in at the SMTP door instead", doorOf)
    .option("--wait", "follow the message to its end and tell its attempts")
    .addOption(
      new Option("--timeout <duration>", "wait at most so long, such as 30s or 5m")
        .argParser(waitOf)
        .default(60_000, "1m"),
    )
    .option("--json", "print JSON: { id, replayed }, with --wait the whole story")
    .addHelpText(
      "after",
      `
Examples:
  postern send letter.eml --wait
  postern send --to anna@example.org --subject Hello --text "It works." --wait
  cat letter.eml | postern send - --to anna@example.org --stream security
  POSTERN_API_KEY=... postern send letter.eml --server https://mail.example.com

Exit code: 0 accepted (with --wait: handed off for every recipient), 1 not, 2 mistyped.`,
    );
  act(command, (run, options: Options, [file]) => send(run, options, file));
}

async function send(run: Run, options: Options, file: string | undefined): Promise<number> {
  const { world } = run;
  const { clock, random, out, err } = world;
  const office = postOffice(run, options);
  const door = typeof options.smtp === "object" ? { ...office, smtp: options.smtp } : office;
  const message = await messageFrom(file, options, office, world);
  for (const note of "raw" in message ? message.notes : []) print(err, note);
  const { id, answer, replayed } = options.smtp
    ? {
        ...(await sendBySmtp("raw" in message ? message : plainLetter(message), door, options.stream)),
        replayed: false,
      }
    : { ...(await apiOf(office).send(bodyOf(message, options), uuidText(uuidV7(clock, random)))), answer: null };
  if (!options.json)
    print(out, printable(id === null ? (answer ?? "") : `${id} accepted${answer === null ? "" : ` (${answer})`}`));
  if (!options.wait || id === null) {
    if (options.json) print(out, jsonText({ id, replayed }));
    return EXIT.fine;
  }
  const followed = await follow(apiOf(office), id, {
    clock,
    waitMs: options.timeout,
    width: textWidth(out),
    paint: paintFor(out.isTerminal && !options.json, world.environment),
    say: (line) => options.json || print(out, line),
  });
  if (options.json) print(out, jsonText(followed.json));
  return followed.fine ? EXIT.fine : EXIT.failed;
}

async function messageFrom(
  file: string | undefined,
  { from, to = [], subject, text, html }: Options,
  { domain }: PostOffice,
  { input, cwd }: World,
): Promise<Letter | Fields> {
  const made = [subject, text, html].some((one) => one !== undefined);
  if (file !== undefined && made)
    throw new Problem("send-mistaken", "Give a file or --subject, --text and --html, not both: the file has its own.");
  if (file === undefined && !made && !input.isTTY && to.length === 0) file = "-";
  if (file !== undefined)
    return letterOf(file === "-" ? await buffer(input) : readLetter(path.resolve(cwd, file)), { from, to });
  const author = from ?? (domain === null ? undefined : `postern@${domain}`);
  if (author === undefined || to.length === 0)
    throw new Problem("send-mistaken", "Name a message file, or at least --to (and --from where no tenant is known).");
  return {
    from: author,
    to,
    subject: subject ?? "A test of Postern",
    text: text ?? (html === undefined ? "Sent with postern send." : ""),
    ...(html === undefined ? {} : { html }),
  };
}

function readLetter(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Problem(
      "letter-unusable",
      `The file ${file} cannot be read (${code === "ENOENT" ? "it does not exist" : code}).`,
    );
  }
}

const bodyOf = (message: Letter | Fields, { stream }: Options): object => ({
  ...("raw" in message
    ? {
        raw: message.raw.toString("base64"),
        envelope: { returnPath: message.returnPath, recipients: message.recipients },
      }
    : message),
  ...(stream === undefined ? {} : { stream }),
});

function doorOf(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:\s[\]]+)):(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw new InvalidArgumentError("It must be host:port, such as 127.0.0.1:2525.");
  return { host, port: Number(match![3]) };
}

function waitOf(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined || ms < 1) throw new InvalidArgumentError("It must be a duration such as 30s or 5m.");
  return ms;
}
