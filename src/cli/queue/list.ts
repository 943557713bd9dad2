import { type Command, InvalidArgumentError, Option } from "commander";
import type { Settings } from "../../config/index.ts";
import { type SpoolId, isUuid } from "../../kernel/index.ts";
import {
  MESSAGE_STATES,
  type MessageFilter,
  type MessageSummary,
  type StoryReader,
  storyReader,
} from "../../spool/index.ts";
import { jsonText } from "../json.ts";
import { paintFor } from "../paint.ts";
import type { Act } from "../run.ts";
import { EXIT, print } from "../world.ts";
import { summaryText } from "./summary-text.ts";
import { withQueue } from "./open-queue.ts";

type Options = {
  state?: MessageFilter["state"] | "all";
  tenant?: string;
  stream?: string;
  recipient?: string;
  author?: string;
  tag?: MessageFilter["tag"];
  limit: number;
  after?: string;
  json?: boolean;
  ids?: boolean;
};

const LIMIT_MAX = 1_000;

export function addList(queue: Command, act: Act): void {
  const command = queue
    .command("list")
    .summary("list messages, newest first")
    .description("Lists messages, newest first: those that have not ended, unless --state says otherwise.")
    .addOption(new Option("--state <state>", "only this state, or all").choices([...MESSAGE_STATES, "all"]))
    .option("--tenant <name>", "only of this tenant")
    .option("--stream <name>", "only of this stream")
    .option("--recipient <address>", "only to this recipient")
    .option("--author <address>", "only with this address in From")
    .option("--tag <name=value>", "only with this tag; without =value, with any value of it", tagOf)
    .option("--limit <count>", `at most so many (1 to ${LIMIT_MAX})`, limitOf, 20)
    .option("--after <id>", "go on after this message, as the last line of a list says", idOf)
    .option("--ids", "print the ids only, one on a line")
    .option("--json", "print JSON: { messages, next }");
  act(command, (run, options: Options) =>
    withQueue(run, async (database, { tenants }) => {
      const { out, clock, environment } = run.world;
      const page = await pageOf(storyReader(database, clock), options);
      if (options.json) {
        const { summaryJson } = await import("../../accept/index.ts"); // as the API shows it, and whose it is
        const messages = page.messages.map((message) => ({ tenant: message.tenant, ...summaryJson(message) }));
        print(out, jsonText({ messages, next: page.next }));
      } else if (options.ids) for (const message of page.messages) print(out, message.spoolId);
      else if (page.messages.length === 0)
        print(out, [emptyText(options), ...unknownNames(options, tenants)].join("\n"));
      else {
        const paint = paintFor(out.isTerminal, environment);
        const texts = page.messages.map((message) => summaryText(message, clock.now(), out.columns, paint));
        print(out, texts.join("\n"));
        if (page.next) print(out, `\nMore: --after ${page.next}`);
      }
      return EXIT.fine;
    }),
  );
}

/** Messages that have not ended live in four states, which the reader lists one by one. */
async function pageOf(
  stories: StoryReader,
  { state, tenant, stream, recipient, author, tag, limit, after }: Omit<Options, "json" | "ids">,
): Promise<{ messages: MessageSummary[]; next: SpoolId | null }> {
  const filter: MessageFilter = {
    tenant: tenant ?? null,
    ...(stream === undefined ? {} : { stream }),
    ...(recipient === undefined ? {} : { recipient }),
    ...(author === undefined ? {} : { author }),
    ...(tag === undefined ? {} : { tag }),
  };
  const from = (after ?? null) as SpoolId | null;
  if (state === "all") return stories.list(filter, limit, from);
  if (state !== undefined) return stories.list({ ...filter, state }, limit, from);
  const pages = await Promise.all(
    (["scheduled", "queued", "in-flight", "held"] as const).map((one) =>
      stories.list({ ...filter, state: one }, limit, from),
    ),
  );
  // One that changed its state between two of the lists is in both.
  const found = new Map(pages.flatMap((page) => page.messages).map((message) => [message.spoolId, message]));
  const sorted = [...found.values()].toSorted((a, b) => (a.spoolId < b.spoolId ? 1 : -1));
  const messages = sorted.slice(0, limit);
  const more = sorted.length > limit || pages.some((page) => page.next !== null);
  return { messages, next: more ? (messages.at(-1)?.spoolId ?? null) : null };
}

function emptyText({ state, tenant, stream, recipient, author, tag, after }: Options): string {
  const narrowed = [tenant, stream, recipient, author, tag, after].some((one) => one !== undefined);
  if (state === undefined) return narrowed ? "Nothing that fits waits here." : "The queue is empty.";
  return state === "all" ? "No messages." : `No messages that are ${state}.`;
}

/** A name mistyped must not read as good news. No error: what a former configuration named may still be in the database. */
function unknownNames({ tenant, stream }: Options, tenants: Settings["tenants"]): string[] {
  const names = tenants.map(({ name }) => name);
  if (tenant !== undefined && !names.includes(tenant))
    return [`The configuration has no tenant named ${tenant}; it has ${names.join(", ")}.`];
  const asked = tenants.filter(({ name }) => tenant === undefined || name === tenant);
  const streams = [...new Set(asked.flatMap((one) => one.streams.map(({ name }) => name)))];
  return stream === undefined || streams.includes(stream)
    ? []
    : [
        `The configuration has no stream named ${stream}${tenant === undefined ? "" : ` of ${tenant}`}; it has ${streams.join(", ")}.`,
      ];
}

function tagOf(text: string): { name: string; value?: string } {
  const [name = "", ...value] = text.split("=");
  if (name === "") throw new InvalidArgumentError("It must be the name of a tag, or name=value.");
  return value.length === 0 ? { name } : { name, value: value.join("=") };
}

function idOf(text: string): string {
  const id = text.toLowerCase();
  if (!isUuid(id)) throw new InvalidArgumentError("It must be the id of a message.");
  return id;
}

function limitOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > LIMIT_MAX)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${LIMIT_MAX}.`);
  return count;
}
