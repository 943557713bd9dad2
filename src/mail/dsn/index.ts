export { readReport, type Report } from "./read-report.ts";
