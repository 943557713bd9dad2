import type { Settings } from "../../config/index.ts";
import { Problem } from "../../kernel/index.ts";
import { type TemplateStore, templateRows, templateStore } from "../../templates/index.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Run } from "../run.ts";

export type TenantOption = { tenant?: string };

/** The templates of a tenant of the configured Postern, whether it runs or not. @throws Problem `tenant-unclear` */
export const withTemplates = <Result>(
  run: Run,
  options: TenantOption,
  work: (templates: TemplateStore, tenant: string, settings: Settings) => Promise<Result>,
): Promise<Result> =>
  withQueue(run, (database, settings) => {
    const { clock, random } = run.world;
    return work(templateStore({ rows: templateRows(database), clock, random }), tenantOf(options, settings), settings);
  });

export function tenantOf({ tenant }: TenantOption, { tenants }: Settings): string {
  const names = tenants.map(({ name }) => name);
  const name = tenant ?? (names.length === 1 ? names[0] : undefined);
  if (name !== undefined && names.includes(name)) return name;
  const unknown = tenant === undefined ? "" : `There is no tenant ${tenant}. `;
  throw new Problem("tenant-unclear", `${unknown}Name one of the tenants with --tenant: ${names.join(", ")}.`);
}

export const noSuchTemplate = (name: string): Problem =>
  new Problem(
    "template-not-found",
    `There is no template ${JSON.stringify(name)} of this tenant, or nothing of it is published. postern template list shows what there is.`,
  );
