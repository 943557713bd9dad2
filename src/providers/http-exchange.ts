import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Clock, Timer } from "../kernel/index.ts";
import { diagnosticOf } from "./diagnostic.ts";
import type { HttpAnswer } from "./http.ts";
import { type Loss, lossOfError, type Stand } from "./losses.ts";

/** The longest answers to hand-offs are some 10 KB; a page of an activity list with 500 messages is some 500 KB. */
export const ANSWER_OCTETS = 1024 * 1024;
/** Larger bodies go in pieces, so that one which breaks in the middle is known to have broken before its end. */
export const PIECE_OCTETS = 256 * 1024;

export type ExchangeParts = {
  body: Buffer;
  isSecure: boolean;
  isOurs(): boolean;
  signals: readonly AbortSignal[];
  clock: Clock;
  connectTimeoutMs: number;
  replyTimeoutMs: number;
  /** The longest answer that is read. */
  answerOctets: number;
};

/**
 * One request and its answer. The last piece of the body (for most: all of it, with the header) is the point of no
 * return: RFC 9112 §6.3, a server must not act on a message shorter than its Content-Length.
 */
export function exchange(request: ClientRequest, parts: ExchangeParts): Promise<HttpAnswer> {
  const { clock, signals } = parts;
  return new Promise((resolve) => {
    let stand: Stand = "connecting";
    let hasLeft = false;
    let hasEnded = false;
    let timer: Timer | null = null;

    const within = (ms: number, loss: Loss) => {
      timer?.cancel();
      timer = clock.after(ms, () => lose(loss));
    };
    const end = (answer: HttpAnswer) => {
      if (hasEnded) return;
      hasEnded = true;
      timer?.cancel();
      for (const signal of signals) signal.removeEventListener("abort", onAbort);
      // A connection on which half a request was left is out of step; one whose exchange is whole is used again.
      if (answer.kind !== "answer" || !hasLeft) request.destroy();
      resolve(answer);
    };
    const lose = (loss: Loss) => end({ kind: hasLeft ? "no-answer" : "not-sent", ...loss });
    const onAbort = () => lose({ cause: "aborted" });
    for (const signal of signals) signal.addEventListener("abort", onAbort);

    const write = async () => {
      if (hasEnded) return;
      stand = "talking";
      within(parts.replyTimeoutMs, { cause: "reply-timeout" });
      let at = 0;
      for (; parts.body.length - at > PIECE_OCTETS; at += PIECE_OCTETS) {
        await new Promise((written) => request.write(parts.body.subarray(at, at + PIECE_OCTETS), written));
        if (hasEnded) return;
        within(parts.replyTimeoutMs, { cause: "reply-timeout" });
      }
      if (!parts.isOurs()) return lose({ cause: "aborted" });
      hasLeft = true;
      request.end(parts.body.subarray(at));
    };

    let socket: Socket | null = null;
    request.on("socket", (given) => {
      socket = given;
      if (!given.connecting) return void write(); // used before
      within(parts.connectTimeoutMs, { cause: "connect-timeout" });
      given.once("connect", () => (stand = "securing"));
      given.once(parts.isSecure ? "secureConnect" : "connect", () => void write());
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith("HPE_"))
        return lose({ cause: "protocol-error", diagnostic: diagnosticOf(error.message) });
      const refused = parts.isSecure && Boolean((socket as TLSSocket | null)?.authorizationError);
      lose(lossOfError(error, stand, refused));
    });
    request.on("response", (response) => read(response, parts.answerOctets, end, lose));
    // 101 and the like: the connection is no longer HTTP.
    request.on("close", () => lose({ cause: "connection-lost" }));
  });
}

function read(
  response: IncomingMessage,
  most: number,
  end: (answer: HttpAnswer) => void,
  lose: (loss: Loss) => void,
): void {
  const chunks: Buffer[] = [];
  let octets = 0;
  response.on("data", (chunk: Buffer) => {
    octets += chunk.length;
    chunks.push(chunk);
    if (octets > most) {
      lose({ cause: "protocol-error", diagnostic: `An answer of more than ${most} octets.` });
    }
  });
  response.on("error", (error) => lose(lossOfError(error, "talking", false)));
  response.on("end", () => {
    if (!response.complete) return lose({ cause: "connection-lost" });
    const body = Buffer.concat(chunks, octets);
    end({ kind: "answer", status: response.statusCode ?? 0, headers: headersOf(response), body, json: jsonOf(body) });
  });
}

const headersOf = (response: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(response.headersDistinct).map(([name, values]) => [name, (values ?? []).join(", ")]),
  );

function jsonOf(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
