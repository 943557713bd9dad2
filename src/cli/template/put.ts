import { type Command, Option } from "commander";
import { Problem } from "../../kernel/index.ts";
import { DIALECTS, type Dialect, type TemplateChange, importHtml, problemText } from "../../templates/index.ts";
import { readInput } from "../inspect/input-file.ts";
import { jsonText } from "../json.ts";
import type { Act, Run } from "../run.ts";
import { printable } from "../text.ts";
import { EXIT, print } from "../world.ts";
import { type TenantOption, withTemplates } from "./open-templates.ts";

type Options = TenantOption & {
  from?: string;
  text?: string;
  subject?: string;
  dialect?: Dialect;
  author?: string;
  replyTo?: string;
  draft?: boolean;
  json?: boolean;
};

export function addTemplatePut(template: Command, act: Act): void {
  const command = template
    .command("put")
    .summary("keep a template, or change one")
    .description(
      "Reads the HTML that React Email, MJML or you wrote. Placeholders and Outlook's conditional comments stay as they are; what mail programs do not run is told. What is not given stays as it was.",
    )
    .argument("<name>", "its name")
    .option("--from <file.html>", "the HTML; - is standard input")
    .option("--text <file>", "the plain text")
    .option("--subject <text>", "the subject, with placeholders")
    .addOption(new Option("--dialect <dialect>", "the language of the placeholders").choices([...DIALECTS]))
    .option("--author <mailbox>", "the From of messages that name none")
    .option("--reply-to <mailbox>", "their Reply-To")
    .option("--draft", "keep it as a draft: what is published goes on")
    .option("--tenant <name>", "the tenant, where the configuration has several")
    .option("--json", "print JSON: { name, version, published, notes }")
    .addHelpText("after", "\nA new template is in handlebars unless --dialect says otherwise.");
  act(command, async (run, options: Options, [name = ""]) => {
    const { world } = run;
    const { change, notes } = await readChange(run, options);
    return withTemplates(run, options, async (templates, tenant) => {
      const isNew = (await templates.get(tenant, { name })) === null;
      if (isNew && change.html === undefined && change.text === undefined && change.subject === undefined)
        throw new Problem(
          "input-unusable",
          `There is no template ${name} yet: begin it with --from, --text or --subject.`,
        );
      const answer = await templates.put(tenant, { name }, isNew ? { dialect: "handlebars", ...change } : change);
      if (answer.kind === "refused") throw new Problem(answer.code, answer.detail);
      if (answer.kind === "problems") {
        for (const one of answer.problems) print(world.err, printable(`${one.code}: ${problemText(one)}`));
        return EXIT.failed;
      }
      const { draft, published } = answer.template;
      const goesOut = published?.uuid === draft.uuid;
      if (options.json) {
        print(world.out, jsonText({ name: answer.template.name, version: draft.number, published: goesOut, notes }));
      } else {
        for (const note of notes) print(world.err, `Note: ${note}`);
        print(
          world.out,
          `${printable(answer.template.name)} is kept: version ${draft.number}, ${goesOut ? "goes out from now on" : "a draft"}.`,
        );
      }
      return EXIT.fine;
    });
  });
}

async function readChange(
  { world }: Run,
  options: Options,
): Promise<{ change: TemplateChange; notes: readonly string[] }> {
  const read = async (file: string) => (await readInput(file, world)).toString("utf8");
  const imported = options.from === undefined ? null : importHtml(await read(options.from));
  const change: TemplateChange = {
    publish: options.draft !== true,
    ...(imported ? { html: imported.html } : {}),
    ...(options.text === undefined ? {} : { text: await read(options.text) }),
    ...(options.subject === undefined ? {} : { subject: options.subject }),
    ...(options.dialect === undefined ? {} : { dialect: options.dialect }),
    ...(options.author === undefined ? {} : { from: options.author }),
    ...(options.replyTo === undefined ? {} : { replyTo: options.replyTo }),
  };
  return { change, notes: imported?.notes ?? [] };
}
