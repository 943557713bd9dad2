export * from "./address.ts";
export * from "./class.ts";
export * from "./envelope.ts";
export * from "./outcome.ts";
