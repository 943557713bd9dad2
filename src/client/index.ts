/**
 * The client of Postern for TypeScript and JavaScript on Node 20 or newer. It stands alone: nothing of the server is loaded.
 *
 *   const postern = createClient({ url: "http://127.0.0.1:8025", apiKey, outbox: { folder: "./outbox" } });
 *   const result = await postern.send({ from: "Acme <noreply@acme.test>", to: ["ada@example.com"], subject: "Hi", text: "…" });
 */
export {
  type BatchResult,
  type ClientOptions,
  type OutboxOptions,
  type PosternClient,
  type SendOptions,
  type SendResult,
  createClient,
} from "./client.ts";
export type { ClientClock, ClientTimer } from "./clock.ts";
export type * from "./messages.ts";
export type { OutboxEvent, OutboxListener } from "./outbox/events.ts";
export type { FlushResult } from "./outbox/outbox.ts";
export { type ErrorPlace, PosternError } from "./postern-error.ts";
