import { type Command, Option } from "commander";
import { Problem } from "../../kernel/index.ts";
import { type TemplatePart, problemText, renderTemplate } from "../../templates/index.ts";
import { readInput } from "../inspect/input-file.ts";
import { jsonText } from "../json.ts";
import type { Act } from "../run.ts";
import { printable } from "../text.ts";
import { EXIT, print } from "../world.ts";
import { type TenantOption, noSuchTemplate, withTemplates } from "./open-templates.ts";

type Options = TenantOption & { data?: string; draft?: boolean; part?: TemplatePart };

export function addTemplateRender(template: Command, act: Act): void {
  const command = template
    .command("render")
    .summary("see what comes of a template and values")
    .description("Prints JSON, { subject, html, text }, or one part as it is. Nothing is sent.")
    .argument("<name>", "its name, or an alias")
    .option("--data <file.json>", "the values; - is standard input")
    .option("--draft", "the newest version, published or not")
    .addOption(new Option("--part <part>", "this part alone").choices(["subject", "html", "text"]))
    .option("--tenant <name>", "the tenant, where the configuration has several");
  act(command, async (run, options: Options, [name = ""]) => {
    const { world } = run;
    const data =
      options.data === undefined ? {} : dataOf((await readInput(options.data, world)).toString("utf8"), options.data);
    return withTemplates(run, options, async (templates, tenant) => {
      const found = await templates.compiled(tenant, { name }, options.draft ? "draft" : "published");
      if (!found) throw noSuchTemplate(name);
      const rendering = renderTemplate(found.compiled, data);
      if (rendering.kind === "problems") {
        for (const one of rendering.problems) print(world.err, printable(`${one.code}: ${problemText(one)}`));
        return EXIT.failed;
      }
      const { rendered } = rendering;
      // A part is for a file or a browser; at a terminal nothing in it may steer.
      const shown = options.part === undefined ? jsonText(rendered) : (rendered[options.part] ?? "");
      print(world.out, world.out.isTerminal ? shown.split("\n").map(printable).join("\n") : shown);
      return EXIT.fine;
    });
  });
}

function dataOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Problem("input-unusable", `The values in ${file} are no JSON: give one object.`);
  }
}
