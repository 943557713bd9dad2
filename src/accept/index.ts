export * from "./compat/index.ts";
export * from "./accept.ts";
export * from "./doors.ts";
export * from "./submission.ts";
export * from "./intake.ts";
export { startHttpDoor } from "./http/index.ts";
export * from "./smtp/index.ts";
export { storyJson, summaryJson } from "./http/stories/story-json.ts";
