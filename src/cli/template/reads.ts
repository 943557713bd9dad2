import type { Command } from "commander";
import { jsonText } from "../json.ts";
import type { Act } from "../run.ts";
import { table } from "../table.ts";
import { printable } from "../text.ts";
import { when } from "../when.ts";
import { EXIT, print } from "../world.ts";
import { type TenantOption, noSuchTemplate, withTemplates } from "./open-templates.ts";

type Options = TenantOption & { json?: boolean };
const PAGE = 1_000;

/** list, show and remove: what needs no file. */
export function addTemplateReads(template: Command, act: Act): void {
  const list = template
    .command("list")
    .summary("list templates, by name")
    .option("--tenant <name>", "the tenant, where the configuration has several")
    .option("--json", "print JSON: { templates }");
  act(list, (run, options: Options) =>
    withTemplates(run, options, async (templates, tenant) => {
      const { out, clock } = run.world;
      const page = await templates.list(tenant, PAGE, null);
      if (options.json) print(out, jsonText({ templates: page }));
      else if (page.length === 0) print(out, "There are no templates.");
      else {
        const columns = [{ title: "NAME", least: 12 }, { title: "DIALECT" }, { title: "STATE" }, { title: "CHANGED" }];
        const rows = page.map((one) => [
          one.name,
          one.dialect,
          one.isPublished ? "published" : "draft",
          when(one.updatedAt, clock.now()),
        ]);
        print(out, table(columns, rows, out.columns));
      }
      return EXIT.fine;
    }),
  );

  const show = template
    .command("show")
    .summary("show a template with its sources")
    .argument("<name>", "its name, or an alias")
    .option("--tenant <name>", "the tenant, where the configuration has several")
    .option("--json", "print JSON");
  act(show, (run, options: Options, [name = ""]) =>
    withTemplates(run, options, async (templates, tenant) => {
      const found = await templates.get(tenant, { name });
      if (!found) throw noSuchTemplate(name);
      const { out, clock } = run.world;
      if (options.json) {
        print(out, jsonText(found));
        return EXIT.fine;
      }
      const { draft, published } = found;
      const state = published === null ? "nothing is published" : `version ${published.number} goes out`;
      const lines = [
        `${printable(found.name)} (${found.dialect}): ${state}, version ${draft.number} is the newest (${when(draft.createdAt, clock.now())})`,
        ...(found.aliases.length > 0 ? [`Aliases: ${found.aliases.map(printable).join(", ")}`] : []),
        ...(found.from === null ? [] : [`From: ${printable(found.from)}`]),
        ...(draft.subject === null ? [] : [`Subject: ${printable(draft.subject)}`]),
      ];
      for (const part of ["text", "html"] as const) {
        if (draft[part] !== null) lines.push("", `--- ${part}`, ...draft[part].split(/\r?\n/).map(printable));
      }
      print(out, lines.join("\n"));
      return EXIT.fine;
    }),
  );

  const remove = template
    .command("remove")
    .summary("remove a template with all its versions")
    .argument("<name>", "its name, or an alias")
    .option("--tenant <name>", "the tenant, where the configuration has several");
  act(remove, (run, options: Options, [name = ""]) =>
    withTemplates(run, options, async (templates, tenant) => {
      if (!(await templates.remove(tenant, { name }))) throw noSuchTemplate(name);
      print(run.world.out, `${printable(name)} is removed.`);
      return EXIT.fine;
    }),
  );
}
