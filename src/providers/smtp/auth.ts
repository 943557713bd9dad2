import type { Secret } from "../../kernel/index.ts";
import type { Connection } from "./connection.ts";
import type { Loss } from "../losses.ts";
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
  const { username } = login;
  const password = login.password.reveal();
  if (auth.includes("PLAIN")) {
    // RFC 4954 §4: initial response, so one round trip.
    const response = base64(`\0${username}\0${password}`);
    return withheld(await connection.ask(`AUTH PLAIN ${response}\r\n`, timeoutMs), [response], password);
  }
  if (!auth.includes("LOGIN")) return undefined;
  const lines = [base64(username), base64(password)];
  let answer = await connection.ask("AUTH LOGIN\r\n", timeoutMs);
  for (const line of lines) {
    if (!("code" in answer) || answer.code !== 334) break;
    answer = await connection.ask(`${line}\r\n`, timeoutMs);
  }
  return withheld(answer, lines, password);
}

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");

/** So much of a line is enough to know it again, also where the server repeats it in part or in small letters. */
const KNOWN_BY_CHARACTERS = 8;

/**
 * Servers repeat a command that they do not understand, and their answer becomes a row that tenants read: what was sent
 * to log in is taken out of it.
 */
function withheld(answer: Reply | Loss, sent: readonly string[], password: string): Reply | Loss {
  if (!("code" in answer)) return answer;
  const forms = [
    ...sent.map((line) => `${literally(line.slice(0, KNOWN_BY_CHARACTERS))}[A-Za-z0-9+/=]*`),
    literally(password),
  ];
  return { ...answer, text: answer.text.replace(new RegExp(forms.join("|"), "gi"), "[secret]") };
}

const literally = (text: string): string => text.replace(/\W/g, "\\$&");
