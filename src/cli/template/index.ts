import type { Command } from "commander";
import type { Act } from "../run.ts";
import { addTemplatePut } from "./put.ts";
import { addTemplateRender } from "./render.ts";
import { addTemplateReads } from "./reads.ts";

export function addTemplate(program: Command, act: Act): void {
  const template = program
    .command("template")
    .summary("keep the templates messages are made of")
    .description(
      "Works beside a running Postern on the same data, and without one. docs/templates.md tells what templates can do.",
    )
    .addHelpText(
      "after",
      `
Examples:
  postern template put welcome --from out/welcome.html --text out/welcome.txt --subject "Hello {{name}}"
  postern template render welcome --data sample.json --part html > preview.html
  postern template list`,
    );
  for (const add of [addTemplateReads, addTemplatePut, addTemplateRender]) add(template, act);
}
