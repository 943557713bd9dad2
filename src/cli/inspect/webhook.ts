import { type Command, InvalidArgumentError, Option } from "commander";
import { Problem } from "../../kernel/index.ts";
import {
  httpStatusOf,
  type NoticeKind,
  NOTICE_READERS,
  readerOfRecording,
  secretsIn,
  type WebhookAnswer,
  type WebhookRequest,
} from "../../providers/index.ts";
import type { Act } from "../run.ts";
import { EXIT, type World } from "../world.ts";
import { type Inspected, printInspected, readInput } from "./input-file.ts";
import { RecordedRequest, requestOf, timeOf } from "./recorded-request.ts";

type Options = { provider: NoticeKind; now?: number };

const KINDS = Object.keys(NOTICE_READERS) as NoticeKind[];

/** As others name them. */
const ALIASES: Readonly<Record<string, NoticeKind>> = { "amazon-ses": "ses", amazon_ses: "ses", mailchimp: "mandrill" };

export function addInspectWebhook(inspect: Command, act: Act): void {
  const command = inspect
    .command("webhook")
    .summary("a provider's recorded notice")
    .description(
      "Reads a recorded request, or an array of them: { name, method, url, headers, body | body_base64, receiver_config }. receiver_config holds the secrets (MANDRILL_WEBHOOK_KEY, SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY, WEBHOOK_SECRET as user:password, ...). status is what the provider would be answered. A recording is old, so its own time of signing is taken for now, unless --now is given: its age is not judged then, and the reason says so. Signatures are checked, but for those of Amazon SNS, whose certificate would have to be fetched; where receiver_config holds no secret at all, what only a password or a key of Mandrill proves is read unproven, and the reason says so.",
    )
    .argument("<file...>", "JSON; - is standard input")
    .addOption(new Option("--provider <name>", `one of ${KINDS.join(", ")}`).argParser(kindOf).makeOptionMandatory())
    .addOption(
      new Option("--now <instant>", "judge ages as of then, such as 2026-11-25T09:30:00Z").argParser(instantOf),
    )
    .addHelpText("after", "\nExit code: 0 all requests were read (whatever their status), 1 not all.");
  act(command, async ({ world }, options: Options, files) => {
    let code: number = EXIT.fine;
    for (const file of files)
      for (const line of await inspected(file, options, world)) {
        if (line.status === null) code = EXIT.failed;
        printInspected(world, line);
      }
    return code;
  });
}

async function inspected(file: string, options: Options, world: World): Promise<Inspected[]> {
  let content: unknown;
  try {
    content = JSON.parse((await readInput(file, world)).toString());
  } catch (error) {
    if (!(error instanceof Problem || error instanceof SyntaxError)) throw error;
    const reason = error instanceof Problem ? error.publicMessage : "The file is no JSON.";
    return [{ file, status: null, events: [], reason }];
  }
  const lines: Inspected[] = [];
  for (const [n, one] of (Array.isArray(content) ? content : [content]).entries()) {
    const read = RecordedRequest.safeParse(one);
    const name = Array.isArray(content) ? `${file}#${read.data?.name ?? n}` : file;
    lines.push(
      read.success
        ? { file: name, ...(await answered(read.data, options, world)) }
        : { file: name, status: null, events: [], reason: `It is no recorded request: ${issueOf(read.error)}.` },
    );
  }
  return lines;
}

const issueOf = ({
  issues: [issue],
}: {
  issues: readonly { path: readonly PropertyKey[]; message: string }[];
}): string =>
  issue === undefined ? "malformed" : `${issue.path.map(String).join(".") || "the whole"}: ${issue.message}`;

async function answered(
  recorded: RecordedRequest,
  { provider, now }: Options,
  world: World,
): Promise<Omit<Inspected, "file">> {
  const request = requestOf(recorded);
  const own = timeOf(request);
  const secretsGiven = secretsIn(recorded.receiver_config);
  const { read, isProven } = readerOfRecording(provider, secretsGiven, now !== undefined);
  const notes = [
    ...(isProven ? [] : [provider === "ses" ? SNS_UNPROVEN : NO_SECRET]),
    ...(now === undefined && own !== null ? ["Its age is not judged: now is the time it was signed."] : []),
  ];
  // Nothing has been seen before: each recorded request stands for itself.
  const parts = { now: now ?? own ?? world.clock.now(), isNew: unseen() };
  let answer: WebhookAnswer = { kind: "refused", status: 401, reason: "no secrets" };
  for (const secrets of secretsGiven) {
    answer = await read(request, secrets, parts);
    if (answer.kind !== "refused") break;
  }
  return {
    status: httpStatusOf(answer),
    events: answer.kind === "events" ? answer.events : [],
    reason: [sentenceOf(answer, request), ...notes].join(" "),
  };
}

const SNS_UNPROVEN = "The signature is not checked here: its certificate would have to be fetched.";
const NO_SECRET = "No secret is given, so nothing shows whether it is genuine; a door would refuse it.";

const unseen = (): ((id: string) => boolean) => {
  const seen = new Set<string>();
  return (id) => !seen.has(id) && seen.add(id) !== undefined;
};

function sentenceOf(answer: WebhookAnswer, { method }: WebhookRequest): string {
  if (answer.kind === "refused") return `Refused: ${answer.reason.replace(/\.$/, "")}.`;
  if (answer.kind === "confirm") return "The provider asks to have the address confirmed.";
  return answer.events.length === 0 ? `Taken; this ${method} tells of nothing that happened.` : "Taken.";
}

function kindOf(text: string): NoticeKind {
  const kind = KINDS.find((one) => one === text) ?? ALIASES[text];
  if (kind === undefined) throw new InvalidArgumentError(`It must be one of ${KINDS.join(", ")}.`);
  return kind;
}

function instantOf(text: string): number {
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError("It must be an instant such as 2026-11-25T09:30:00Z.");
  return at;
}
