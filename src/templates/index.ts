export { TEMPLATE_BOUNDS } from "./bounds.ts";
export { DIALECTS, type Dialect } from "./dialects/index.ts";
export { importHtml } from "./import.ts";
export { NAME_FIELDS } from "./names.ts";
export { type TemplateCode, type TemplatePart, type TemplateProblem, problemText } from "./problem.ts";
export {
  type CompiledTemplate,
  type Rendered,
  type Rendering,
  type TemplateRules,
  type TemplateSources,
  compileTemplate,
  renderMerge,
  renderTemplate,
} from "./template.ts";
export type * from "./store/template.ts";
export { templateRows } from "./store/rows-in-postgres.ts";
export { templateStore } from "./store/store.ts";
