import type { Command } from "commander";
import { jsonText } from "../json.ts";
import type { Act } from "../run.ts";
import { plural } from "../when.ts";
import { EXIT, print } from "../world.ts";
import { labApi } from "./lab-api.ts";
import { SERVER_OPTION, modeText } from "./status.ts";

type Options = { variant?: string; server?: string; json?: boolean };

export function addFault(lab: Command, act: Act): void {
  const command = lab
    .command("fault")
    .summary("switch how a provider of the lab fails")
    .description(
      "Switches a provider's mode while it runs; `ok` (over SMTP `normal`) ends a fault. A name that does not exist is answered with those that do, so `postern lab fault mandrill '?'` lists the modes and `postern lab fault mandrill suspended '?'` the vendor's ways to suspend. The mode `webhooks` says what becomes of its notices.",
    )
    .argument("<provider>", "its name, as `postern lab status` lists it")
    .argument("<mode...>", "ok, slow, suspended, refusal, 429, 5xx, hold, webhooks and others; a variant may follow")
    .option(
      "--variant <name>",
      "which of the vendor's ways; of webhooks: normal, silent, duplicated, reordered, forged",
    )
    .option(...SERVER_OPTION)
    .option("--json", "print the provider's state as JSON");
  act(command, async (run, { variant, server, json }: Options, [provider = "", mode = "", word]) => {
    const chosen = variant ?? word;
    const api = labApi(run, server);
    const known = await api.providers();
    // Over SMTP the mode without a fault has another name, and the pages call it so everywhere; who types from memory means the same.
    const isSmtp = known.find(({ name }) => name === provider)?.kind === "smtp";
    const isFaultless = mode === "ok" || mode === "normal";
    const state = await api.change(`${encodeURIComponent(provider)}/mode`, {
      mode: isFaultless ? (isSmtp ? "normal" : "ok") : mode,
      ...(chosen === undefined ? {} : { variant: chosen }),
    });
    const { webhooks } = state as { webhooks?: string };
    const what = mode === "webhooks" ? `webhooks ${webhooks}` : modeText(state as { mode: string });
    print(run.world.out, json ? jsonText(state) : `${provider}: ${what}.`);
    return EXIT.fine;
  });

  const release = lab
    .command("release")
    .summary("let go what an account held back")
    .description(
      "Delivers what a provider's account took and kept: a suspended Mandrill queues, and sends weeks later when the suspension ends. Mail that went another way meanwhile then arrives twice.",
    )
    .argument("<provider>", "its name")
    .option(...SERVER_OPTION)
    .option("--json", "print JSON: { name, released }");
  act(release, async (run, { server, json }: Options, [provider = ""]) => {
    const answer = await labApi(run, server).change(`${encodeURIComponent(provider)}/release`, {});
    const text = `${provider}: ${plural(Number(answer["released"]), "message")} released.`;
    print(run.world.out, json ? jsonText(answer) : text);
    return EXIT.fine;
  });
}
