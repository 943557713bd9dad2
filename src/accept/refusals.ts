import type { Refusal } from "./submission.ts";

/** `smtp` as "550 5.7.1". */
export function refusal(
  code: string,
  smtp: string,
  httpStatus: number,
  publicMessage: string,
  retryAfterS?: number,
): Refusal {
  const [replyCode, enhancedStatus] = smtp.split(" ") as [string, string];
  return {
    code,
    smtp: { replyCode: Number(replyCode), enhancedStatus },
    http: { status: httpStatus },
    publicMessage,
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  };
}

/** Why nothing is taken at the moment. All of them pass by themselves, so each says when to ask again. */
export const INTAKE = {
  stopping: refusal(
    "stopping",
    "421 4.3.2",
    503,
    "This server is stopping. Send again in a few seconds; another process takes over.",
    5,
  ),
  databaseAway: refusal(
    "database-unavailable",
    "451 4.3.0",
    503,
    "The database does not answer, so nothing can be kept safely. Send again in a few seconds.",
    5,
  ),
  diskLow: refusal(
    "disk-low",
    "452 4.3.1",
    503,
    "Disk space runs short, so nothing new is taken. Delivery goes on; send again later.",
    30,
  ),
  databaseFull: refusal(
    "database-disk-full",
    "452 4.3.1",
    503,
    "The database cannot write: its disk is full or failing. Nothing was taken; send again later.",
    30,
  ),
  queueFull: refusal(
    "queue-full",
    "452 4.3.1",
    503,
    "The queue holds as many messages as it may (limits.queueRows). Delivery goes on; send again later.",
    30,
  ),
  busy: refusal(
    "intake-busy",
    "452 4.3.1",
    503,
    "More is being accepted at this moment than fits in memory (limits.acceptInFlightBytes). Send again in a second.",
    1,
  ),
} as const;
