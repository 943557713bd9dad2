export * from "./advice.ts";
export * from "./configuration-text.ts";
export { type Findings, type TemplateLine, total } from "./findings.ts";
export { keepTemplate } from "./keep-template.ts";
export { sinkInto } from "./sink.ts";
export { NOTHING_WRITTEN, type Progress, adoptAccount } from "./adopt-account.ts";
export { type Warning, warningsIn } from "./warnings.ts";
