export * from "./inputs.ts";
export * from "./sentences.ts";
export * from "./standing.ts";
export * from "./step.ts";
export * from "./stricter.ts";
export * from "./transitions.ts";
