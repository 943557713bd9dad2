export * from "./address.ts";
export * from "./class.ts";
export * from "./dsn-parameters.ts";
export * from "./envelope.ts";
export * from "./header.ts";
export * from "./message-text.ts";
export * from "./mime-bounds.ts";
export * from "./outcome.ts";
