import type { Secret } from "../../kernel/index.ts";
import type { Connection } from "./connection.ts";
import type { Loss } from "./losses.ts";
import type { Reply } from "./replies.ts";

export type Login = { username: string; password: Secret };

/**
 * Logs in by PLAIN (RFC 4616) or, where only that is offered, LOGIN. Both send the password as it is: the caller has
 * seen to TLS. Undefined: the server offers neither.
 */
export async function authenticate(
  connection: Connection,
  login: Login,
  timeoutMs: number,
): Promise<Reply | Loss | undefined> {
  const { auth } = connection.capabilities;
  if (auth.includes("PLAIN")) {
    // RFC 4954 §4: initial response, so one round trip.
    const response = base64(`\0${login.username}\0${login.password.reveal()}`);
    return connection.ask(`AUTH PLAIN ${response}\r\n`, timeoutMs);
  }
  if (!auth.includes("LOGIN")) return undefined;
  let answer = await connection.ask("AUTH LOGIN\r\n", timeoutMs);
  for (const part of [login.username, login.password.reveal()]) {
    if (!("code" in answer) || answer.code !== 334) return answer;
    answer = await connection.ask(`${base64(part)}\r\n`, timeoutMs);
  }
  return answer;
}

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");
