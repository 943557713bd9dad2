export * from "./doors.ts";
export * from "./submission.ts";
