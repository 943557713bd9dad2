export * from "./accept.ts";
export * from "./doors.ts";
export * from "./submission.ts";
export * from "./intake.ts";
