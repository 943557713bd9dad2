import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** What a sender knows afterwards: the ids that were accepted, and how many messages got no answer at all. */
export type LoadResult = {
  accepted: string[];
  unanswered: number;
  refused: number;
  /** The longest wait for a refusal. */
  slowestRefusalMs: number;
};

const RETRY_MS = 100;
const BODY = `${"0123456789abcdef".repeat(4)}\r\n`.repeat(16);

/**
 * Plain SMTP clients that submit until `stopped()` or until the server is gone. They believe a message accepted only
 * when they have read its 250, as any client does.
 */
export async function load(parts: {
  port: number;
  sessions: number;
  stopped: () => boolean;
  /** Called with each accepted id as it is read. */
  onAccepted?: (id: string) => void;
  onRefused?: () => void;
  /** A refused sender asks again, and one that was cut off dials again, as a patient client does. */
  patient?: boolean;
}): Promise<LoadResult> {
  const result: LoadResult = { accepted: [], unanswered: 0, refused: 0, slowestRefusalMs: 0 };
  const sender = async (): Promise<void> => {
    do {
      await session(parts, result).catch(() => {});
      if (parts.patient && !parts.stopped()) await pause(RETRY_MS);
    } while (parts.patient && !parts.stopped());
  };
  await Promise.all(Array.from({ length: parts.sessions }, sender));
  return result;
}

async function session(parts: Parameters<typeof load>[0], result: LoadResult): Promise<void> {
  const socket = connect(parts.port, "127.0.0.1");
  socket.setNoDelay(true);
  let heard = "";
  let wake = (): void => {};
  let gone = false;
  socket.on("data", (data) => {
    heard += data.toString("latin1");
    wake();
  });
  for (const event of ["error", "close"]) {
    socket.on(event, () => {
      gone = true;
      wake();
    });
  }
  const reply = async (): Promise<string> => {
    for (;;) {
      const whole = /^(?:\d{3}-[^\r]*\r\n)*\d{3} [^\r]*\r\n/.exec(heard)?.[0];
      if (whole) {
        heard = heard.slice(whole.length);
        return whole;
      }
      if (gone) throw new Error("gone");
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const say = (text: string): Promise<string> => {
    socket.write(text);
    return reply();
  };
  try {
    await reply();
    await say("EHLO load.test\r\n");
    while (!parts.stopped()) {
      const askedAt = performance.now();
      const refusedNow = (): void => {
        result.refused += 1;
        parts.onRefused?.();
        result.slowestRefusalMs = Math.max(result.slowestRefusalMs, performance.now() - askedAt);
      };
      socket.write("MAIL FROM:<app@crash.test>\r\nRCPT TO:<someone@example.net>\r\nDATA\r\n");
      await reply();
      await reply();
      if (!(await reply()).startsWith("354")) {
        refusedNow();
        break;
      }
      socket.write(`From: app@crash.test\r\nTo: someone@example.net\r\nSubject: crash\r\n\r\n${BODY}.\r\n`);
      let answer: string;
      try {
        answer = await reply();
      } catch (error) {
        result.unanswered += 1;
        throw error;
      }
      const id = /^250 2\.0\.0 Queued as ([0-9a-f-]{36})/.exec(answer)?.[1];
      if (id === undefined) {
        refusedNow();
        break;
      }
      result.accepted.push(id);
      parts.onAccepted?.(id);
    }
  } finally {
    socket.destroy();
    if (!gone) await once(socket, "close");
  }
}
