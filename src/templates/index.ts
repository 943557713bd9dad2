export { DIALECTS, type Dialect } from "./dialects/index.ts";
export { importHtml } from "./import.ts";
export { linksIn } from "./links.ts";
export { NAME_FIELDS } from "./names.ts";
export { fillRegions } from "./regions.ts";
export { type TemplatePart, type TemplateProblem, problemText } from "./problem.ts";
export {
  type CompiledTemplate,
  type Rendered,
  type TemplateRules,
  compileTemplate,
  renderMerge,
  renderTemplate,
} from "./template.ts";
export type * from "./store/template.ts";
export { templateRows } from "./store/rows-in-postgres.ts";
export { templateStore } from "./store/store.ts";
