import { isUtf8 } from "node:buffer";
import type { Dialog, Login } from "./dialog.ts";
import {
  ARGUMENT_NEEDED,
  HELLO_FIRST,
  LOGGED_IN,
  LOGIN_AGAIN,
  LOGIN_CANCELLED,
  LOGIN_FAILED,
  LOGIN_INSIDE,
  LOGIN_MALFORMED,
  LOGIN_NEEDS_TLS,
  MECHANISM_UNKNOWN,
  type Reply,
} from "./replies.ts";

/** RFC 4954 §4: 12288 octets are enough for a client's line in the exchange. */
export const LOGIN_LINE_OCTETS = 12_288;

const question = (text: string): Reply => ({
  text: `334 ${Buffer.from(text).toString("base64")}\r\n`,
  code: null,
  counts: false,
  closes: false,
});
const NOTHING_TO_SAY = question("");
// The two questions of AUTH LOGIN were never standardised; clients compare them or ignore them.
const ASK_USERNAME = question("Username:");
const ASK_PASSWORD = question("Password:");

/** A password may pass where nobody on the way can read it. */
export const mayLogIn = (dialog: Dialog): boolean => dialog.secure || dialog.mayLogInPlainly;

/** `AUTH mechanism [initial-response]` (RFC 4954 §4). */
export function auth(dialog: Dialog, argument: string): Reply {
  if (!dialog.greeted) return HELLO_FIRST;
  if (argument === "") return ARGUMENT_NEEDED;
  if (dialog.transaction !== null) return LOGIN_INSIDE;
  if (dialog.submitter !== null) return LOGIN_AGAIN;
  const space = argument.indexOf(" ");
  const mechanism = (space === -1 ? argument : argument.slice(0, space)).toUpperCase();
  if (mechanism !== "PLAIN" && mechanism !== "LOGIN") return MECHANISM_UNKNOWN;
  if (!mayLogIn(dialog)) return LOGIN_NEEDS_TLS;
  const login: Login = { mechanism, username: null };
  if (space !== -1) {
    const initial = argument.slice(space + 1);
    return step(dialog, login, initial === "=" ? "" : initial); // "=" is an empty first answer (RFC 4954 §4)
  }
  return ask(dialog, login, mechanism === "PLAIN" ? NOTHING_TO_SAY : ASK_USERNAME);
}

/** The client's answer to a 334. */
export function loginLine(dialog: Dialog, line: string): Reply {
  const login = dialog.login!;
  dialog.login = null;
  dialog.next = "command";
  return line === "*" ? LOGIN_CANCELLED : step(dialog, login, line);
}

function step(dialog: Dialog, login: Login, answer: string): Reply {
  const text = fromBase64(answer);
  if (text === null) return LOGIN_MALFORMED;
  if (login.mechanism === "PLAIN") return plain(dialog, text);
  if (text.includes("\0")) return LOGIN_MALFORMED;
  if (login.username === null) return ask(dialog, { ...login, username: text }, ASK_PASSWORD);
  return check(dialog, "LOGIN", login.username, text);
}

function ask(dialog: Dialog, login: Login, reply: Reply): Reply {
  dialog.login = login;
  dialog.next = "login";
  return reply;
}

/** RFC 4616 §2: [authzid] NUL authcid NUL passwd. Nobody acts for another one here, so an authzid must be the same name. */
function plain(dialog: Dialog, text: string): Reply {
  const parts = text.split("\0");
  const [actFor, username, password] = parts;
  if (parts.length !== 3 || !username || !password) return LOGIN_MALFORMED;
  if (actFor !== "" && actFor !== username) return failed(dialog, "PLAIN");
  return check(dialog, "PLAIN", username, password);
}

function check(dialog: Dialog, mechanism: Login["mechanism"], username: string, password: string): Reply {
  const submitter = dialog.facts.parts.port.authenticatePassword(username, password);
  if (submitter === null) return failed(dialog, mechanism);
  dialog.submitter = submitter;
  return LOGGED_IN;
}

/** The name that was tried is not logged: people type passwords into the wrong field. */
function failed(dialog: Dialog, mechanism: Login["mechanism"]): Reply {
  dialog.facts.parts.log.warn("smtp.auth-failed", {
    remoteAddress: dialog.remoteAddress,
    mechanism,
    secure: dialog.secure,
  });
  return LOGIN_FAILED;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
function fromBase64(text: string): string | null {
  if (!BASE64.test(text)) return null;
  const octets = Buffer.from(text, "base64");
  return isUtf8(octets) ? octets.toString("utf8") : null;
}
