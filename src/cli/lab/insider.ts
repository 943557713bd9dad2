import type { Command } from "commander";
import { jsonText } from "../json.ts";
import type { Act } from "../run.ts";
import { table } from "../table.ts";
import { EXIT, print } from "../world.ts";
import { labApi } from "./lab-api.ts";
import { SERVER_OPTION } from "./status.ts";

type Options = { server?: string; json?: boolean } & Record<string, string | boolean | undefined>;
type SentRow = { at: string; from: string; recipients: string[]; subject: string; state: string; by: string };

/** Fields of the acts; which act needs which is said by the lab. */
const FIELDS = {
  email: "an address: add-sender, suppress",
  keyName: "a name: add-key",
  url: "an address: add-webhook, rewrite-links",
  from: "an address: send-as",
  to: "an address: send-as",
  subject: "send-as",
  text: "words: send-as, add-footer",
} as const;

export function addInsider(lab: Command, act: Act): void {
  const command = lab
    .command("insider")
    .summary("do what somebody with the vendor's console could do")
    .description(
      "Acts in a vendor's account as an intruder or an employee of the vendor would: read-sent, add-sender, add-key, add-webhook, export-recipients, suppress, add-footer, rewrite-links, stop-altering, send-as. What it changes stays in the account, where Postern's checks of it can find it.",
    )
    .argument("<provider>", "its name")
    .argument(
      "<act>",
      "read-sent, add-sender, add-key, add-webhook, export-recipients, suppress, add-footer, rewrite-links, stop-altering or send-as",
    )
    .option(...SERVER_OPTION)
    .option("--json", "print JSON");
  for (const [name, help] of Object.entries(FIELDS)) {
    command.option(`--${name.replace(/[A-Z]/g, (char) => `-${char.toLowerCase()}`)} <text>`, help);
  }
  act(command, async (run, { server, json, ...given }: Options, [provider = "", name = ""]) => {
    const path = `${encodeURIComponent(provider)}/insider/${encodeURIComponent(name)}`;
    const answer = await labApi(run, server).change(path, given);
    print(run.world.out, json ? jsonText(answer) : answerText(provider, name, answer, run.world.out.columns));
    return EXIT.fine;
  });
}

function answerText(provider: string, act: string, answer: Record<string, unknown>, columns: number): string {
  const { messages, recipients, name: _name, act: _act, ...rest } = answer;
  if (Array.isArray(messages)) return sentText(messages as SentRow[], columns);
  if (Array.isArray(recipients)) return recipients.length === 0 ? "Nobody yet." : recipients.join("\n");
  const what = Object.values(rest).join(", ");
  return `${provider}: ${act} done${what === "" ? "" : ` (${what})`}.`;
}

function sentText(messages: readonly SentRow[], columns: number): string {
  if (messages.length === 0) return "Nothing was sent through this account yet.";
  return table(
    [
      { title: "AT" },
      { title: "FROM", least: 12 },
      { title: "TO", least: 12 },
      { title: "SUBJECT", least: 10 },
      { title: "STATE" },
      { title: "BY" },
    ],
    messages.map(({ at, from, recipients, subject, state, by }) => [
      at.slice(0, 19).replace("T", " "),
      from,
      recipients.join(", "),
      subject,
      state,
      by,
    ]),
    columns,
  );
}
