import type { PosternError } from "../postern-error.ts";

/** What happens in the outbox, told as it happens. Names of files, so that a person can look. */
export type OutboxEvent =
  /** Postern could not take it; it is on disk now. */
  | { kind: "stored"; outboxId: string; cause: PosternError | null }
  | { kind: "delivered"; outboxId: string; id: string; replayed: boolean }
  /** Postern will never take it as it is; it is kept in `file` with the reason. */
  | { kind: "refused"; outboxId: string; error: PosternError; file: string }
  /** Older than Postern remembers its key: sending it could send it twice. Kept in `file`. */
  | { kind: "expired"; outboxId: string; file: string }
  /** Postern cannot take anything right now; tried again after `retryInMs`. */
  | { kind: "waiting"; error: PosternError; retryInMs: number };

export type OutboxListener = (event: OutboxEvent) => void;

/** A listener that throws must not stop the mail. */
export function guarded(listener: OutboxListener | undefined): OutboxListener {
  return (event) => {
    try {
      listener?.(event);
    } catch (error) {
      process.emitWarning(`The outbox listener threw on "${event.kind}": ${String(error)}`, "PosternOutboxWarning");
    }
  };
}
