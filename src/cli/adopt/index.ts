import { type Command, Option } from "commander";
import {
  applicationLine,
  configurationText,
  missingLines,
  type Findings,
  NOTHING_WRITTEN,
  recordsFor,
  type Progress,
  sinkInto,
  adoptAccount,
  warningsIn,
} from "../../adopt/index.ts";
import { API_KINDS, type Settings } from "../../config/index.ts";
import { Problem } from "../../kernel/index.ts";
import { type AccountReading, readAccount, readMandrillRejects } from "../../providers/index.ts";
import { templateRows, templateStore } from "../../templates/index.ts";
import { readInput } from "../inspect/input-file.ts";
import { withQueue } from "../queue/open-queue.ts";
import { jsonText } from "../json.ts";
import type { Act, Run } from "../run.ts";
import { tenantOf } from "../template/open-templates.ts";
import { EXIT, print, textWidth } from "../world.ts";
import { progressOn } from "./progress.ts";
import { type Report, reportText } from "./report.ts";
import { type Source, type SourceOptions, sourceOf } from "./source.ts";

type Options = SourceOptions & {
  import?: boolean;
  dryRun?: boolean;
  rejects?: string;
  tenant?: string;
  json?: boolean;
};

export function addAdopt(program: Command, act: Act): void {
  const command = program
    .command("adopt")
    .summary("adopt an account at a provider")
    .description(
      "Reads an account through the provider's API: domains, senders, templates, suppressions, webhooks, keys. Says what Postern can adopt, what to publish in the DNS, what to write into postern.yaml and into the application, and what to look out for. Nothing in the account is changed, and nothing here without --import.",
    )
    .argument("[provider]", "a provider of the configuration; without one, --kind and --key")
    .addOption(new Option("--kind <kind>", "whose API it is").choices([...API_KINDS]))
    .option("--key <reference>", "its key: env:NAME or file:PATH (ses: the secret access key)")
    .option("--read-key <reference>", "postmark: the account's token; else a key that may only read")
    .option("--access-key-id <id>", "ses")
    .option("--region <region>", "ses, mailgun")
    .option("--domain <domain>", "mailgun: whose templates and suppressions are read")
    .option("--base-url <url>", "another address of its API, such as SendGrid's in the European Union")
    .option("--import", "adopt templates and suppressions into the tenant")
    .option("--dry-run", "only say what would be done (the default)")
    .option("--rejects <file.csv>", "mandrill: the denylist as its export has it, instead of the first 1,000")
    .option("--tenant <name>", "the tenant, where the configuration has several")
    .option(
      "--json",
      "print JSON: { provider, kind, tenant, isImport, findings, records, warnings, configuration, application }",
    )
    .addHelpText(
      "after",
      `
Examples:
  postern adopt mandrill                            what there is, and what would be done
  postern adopt mandrill --import                   do it; again later: only what is new
  postern adopt --kind sendgrid --key env:SG_KEY    before there is a configuration

docs/adopt.md tells the whole way.`,
    );
  act(command, async (run, options: Options, [name]) => {
    if (options.import && options.dryRun) {
      throw new Problem("adopt-options-unclear", "--import and --dry-run say the opposite. Give one of them.");
    }
    const source = sourceOf(run, name, options, options.import === true);
    const { findings, tenant } = await adopted(run, source, options);
    refuseNothing(findings, source);
    const report = reportOf(run, source, options, { findings, tenant });
    const { out } = run.world;
    print(out, options.json ? jsonText(report) : reportText(report, textWidth(out)));
    return findings.missing.some(({ because }) => because !== "refused") ? EXIT.failed : EXIT.fine;
  });
}

type Adopted = { findings: Findings; tenant: string | null };

async function adopted(run: Run, { provider }: Source, options: Options): Promise<Adopted> {
  const { clock, random, err } = run.world;
  const { progress, waits } = progressOn(err);
  const rejects = await rejectsIn(run, provider.kind, options);
  const readings = () => withRejects(readAccount(provider, { clock, waits }), rejects);
  const quiet: Progress = options.json && !err.isTerminal ? () => {} : progress;
  if (!options.import) return { findings: await adoptAccount(readings(), NOTHING_WRITTEN, quiet), tenant: null };
  return withQueue(run, async (database, settings) => {
    const tenant = tenantOf(options, settings);
    const sink = sinkInto({
      tenant,
      kind: provider.kind,
      templates: templateStore({ rows: templateRows(database), clock, random }),
      database,
      most: settings.limits.suppressionsPerTenant,
      clock,
    });
    return { findings: await adoptAccount(readings(), sink, quiet), tenant };
  });
}

async function rejectsIn({ world }: Run, kind: string, { rejects }: Options): Promise<string | null> {
  if (rejects === undefined) return null;
  if (kind === "mandrill") return (await readInput(rejects, world)).toString("utf8");
  throw new Problem("adopt-options-unclear", "--rejects is for accounts at Mandrill: others give their whole lists.");
}

/** The file has the list whole, so what the API gives of it is left. */
async function* withRejects(
  readings: AsyncGenerator<AccountReading>,
  file: string | null,
): AsyncGenerator<AccountReading> {
  if (file === null) return yield* readings;
  for await (const reading of readings) if (reading.part !== "suppressions") yield reading;
  yield* readMandrillRejects(file);
}

/** Where nothing at all could be read, that is what there is to say. */
function refuseNothing({ whole, missing }: Findings, { provider }: Source): void {
  const [first] = missing;
  if (whole.length > 0 || !first) return;
  if (first.because === "refused") {
    throw new Problem(
      "adopt-key-refused",
      `${provider.name} lets this key read nothing (${first.reason}). Give one that may read: providers[].readKey, or --read-key; docs/adopt.md says which rights it needs.`,
    );
  }
  throw new Problem(
    "adopt-unreachable",
    `${provider.name} gave no answer that could be read (${first.reason}). Nothing was adopted. Try again later.`,
  );
}

const LOCAL = "http://127.0.0.1:8025";

function reportOf(run: Run, { provider, settings }: Source, options: Options, { findings, tenant }: Adopted): Report {
  const url = settings ? addressOf(settings) : LOCAL;
  const known = settings ? settings.tenants.flatMap(({ domains }) => domains) : null;
  const { kind, name } = provider;
  return {
    provider: name,
    kind,
    tenant,
    isImport: options.import === true,
    findings,
    records: findings.domains.flatMap((one) => recordsFor(one).map((record) => ({ domain: one.domain, ...record }))),
    warnings: warningsIn(findings, {
      kind,
      now: run.world.clock.now(),
      domains: known,
      hosts: [
        ...[LOCAL, url].map((one) => new URL(one).host),
        ...(provider.webhook?.topicArn ? [provider.webhook.topicArn] : []),
      ],
    }),
    configuration: settings
      ? missingLines(settings, provider, findings)
      : configurationText({ provider, domains: verifiedIn(findings) }).split("\n"),
    application: applicationLine(kind, url),
  };
}

/** What the provider calls a domain is written into a file by a person: nothing but names of hosts. */
const verifiedIn = ({ domains }: Findings): string[] =>
  domains.flatMap(({ domain, isVerified }) => (isVerified !== false && /^[a-z0-9.-]+$/i.test(domain) ? [domain] : []));

function addressOf({ listen }: Settings): string {
  const { host, port } = listen.http;
  return listen.publicUrl ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
