export { readReport, type Report } from "./read-report.ts";
export { type StatusClass, statusClass } from "./status-class.ts";
