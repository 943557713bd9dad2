import type { Command } from "commander";
import type { TenantSettings, WebhookSettings } from "../config/index.ts";
import { EVENT_KIND_NAMES, hearsOf, wordsFor } from "../mail/index.ts";
import { publicKeyText } from "../notify/index.ts";
import { jsonText } from "./json.ts";
import type { Act } from "./run.ts";
import { tenantOf } from "./template/open-templates.ts";
import { EXIT, print } from "./world.ts";

type Listed = {
  tenant: string;
  name: string;
  url: string;
  format: string;
  /** As its receiver reads them: in the words of the format. */
  events: string[];
  /** What its receiver verifies with, where that is no secret. */
  publicKey: string | null;
};

export function addWebhooks(program: Command, act: Act): void {
  const command = program
    .command("webhooks")
    .summary("list the webhooks, and what their receivers verify with")
    .description(
      "Lists the webhooks of every tenant: where they are, in whose words they hear of which events, and the public key of those that are signed with one (format sendgrid). Reads the configuration only; no secret is shown.",
    )
    .option("--tenant <name>", "only of this tenant")
    .option("--json", "print the list as JSON");
  act(command, ({ world, settings }, options: { tenant?: string; json?: boolean }) => {
    const only = options.tenant === undefined ? null : tenantOf(options, settings());
    const tenants = settings().tenants.filter(({ name }) => only === null || name === only);
    const listed = tenants.flatMap((tenant) => tenant.webhooks.map((webhook) => listedOf(tenant, webhook)));
    if (options.json) print(world.out, jsonText(listed));
    else print(world.out, listed.length === 0 ? "No webhooks are configured." : listed.map(textOf).join("\n\n"));
    return Promise.resolve(EXIT.fine);
  });
}

function listedOf({ name: tenant }: TenantSettings, webhook: WebhookSettings): Listed {
  const { name, url, format, secret } = webhook;
  const kinds = EVENT_KIND_NAMES.filter((kind) => hearsOf(webhook, kind));
  const events = format === "postern" ? kinds : [...new Set(kinds.flatMap((kind) => wordsFor(format, kind)))];
  return {
    tenant,
    name,
    url,
    format,
    events,
    publicKey: format === "sendgrid" ? publicKeyText(secret.reveal()) : null,
  };
}

const textOf = ({ tenant, name, url, format, events, publicKey }: Listed): string =>
  [
    `${tenant}/${name}  ${url}`,
    `  format      ${format}`,
    `  events      ${events.join(", ")}`,
    ...(publicKey === null ? [] : [`  public key  ${publicKey}`]),
  ].join("\n");
