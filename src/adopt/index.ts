export * from "./advice.ts";
export * from "./configuration-text.ts";
export { type Findings, noFindings, type TemplateLine, total } from "./findings.ts";
export { sinkInto } from "./sink.ts";
export { NOTHING_WRITTEN, type Progress, takeOver } from "./take-over.ts";
export { type Warning, warningsIn } from "./warnings.ts";
