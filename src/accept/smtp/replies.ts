import type { Refusal } from "../submission.ts";

/** One reply, ready to be written. */
export type Reply = {
  /** All its lines with their CR LF; ASCII only. */
  text: string;
  /** Why it is no good news (docs/failures.md), for counting; null where it is. */
  code: string | null;
  /** The client broke the protocol or failed to log in: `smtpErrorsPerSession` of those are borne. */
  counts: boolean;
  /** The connection ends behind it. */
  closes: boolean;
};

/** `status` is reply code and enhanced status: "250 2.1.0" (RFC 5321 §4.2, RFC 2034 §4). */
export const good = (status: string, sentence: string): Reply => ({
  text: `${status} ${sentence}\r\n`,
  code: null,
  counts: false,
  closes: false,
});

/** The client's mistake. */
const mistake = (code: string, status: string, sentence: string): Reply => ({
  text: lines(status, sentence),
  code,
  counts: true,
  closes: false,
});

/** Said before hanging up. */
const lastWord = (code: string, status: string, sentence: string): Reply => ({
  text: lines(status, sentence),
  code,
  counts: false,
  closes: true,
});

/** A refusal of the message or of this moment, not of the client's manners. 421 says that the connection ends (RFC 5321 §3.8). */
export function refused(refusal: Refusal): Reply {
  const { replyCode, enhancedStatus } = refusal.smtp;
  return {
    text: lines(`${replyCode} ${enhancedStatus}`, refusal.publicMessage),
    code: refusal.code,
    counts: false,
    closes: replyCode === 421,
  };
}

/** RFC 5321 §4.5.3.1.5: a reply line is at most 512 octets. */
const SENTENCE_OCTETS = 480;

/** A sentence may quote what a client sent: nothing in it may end the line or leave ASCII. */
function lines(status: string, sentence: string): string {
  const plain = sentence.replace(/[^\x20-\x7e]/g, "?");
  if (plain.length <= SENTENCE_OCTETS) return `${status} ${plain}\r\n`;
  let text = "";
  let rest = plain;
  while (rest.length > SENTENCE_OCTETS) {
    const space = rest.lastIndexOf(" ", SENTENCE_OCTETS);
    const cut = space > 0 ? space : SENTENCE_OCTETS;
    text += `${status.replace(" ", "-")} ${rest.slice(0, cut)}\r\n`;
    rest = rest.slice(cut).trimStart();
  }
  return `${text}${status} ${rest}\r\n`;
}

export const OK = good("250 2.0.0", "OK");
export const RETURN_PATH_OK = good("250 2.1.0", "OK");
export const RECIPIENT_OK = good("250 2.1.5", "OK");
export const LOGGED_IN = good("235 2.7.0", "Logged in");
export const START_TLS: Reply = good("220 2.0.0", "Ready to start TLS");
export const HELP = good(
  "214 2.0.0",
  "Submission (RFC 6409): EHLO STARTTLS AUTH MAIL RCPT DATA RSET NOOP VRFY HELP QUIT",
);
// RFC 5321 §3.5.3, §7.3: who has a mailbox here is nobody's business.
export const CANNOT_VERIFY = good("252 2.5.2", "Addresses are not verified; send a message and see");
// A three-digit code alone: RFC 2034 §4 leaves 354 and 334 without enhanced status.
export const SEND_DATA: Reply = {
  text: "354 Send the message, ended by <CR><LF>.<CR><LF>\r\n",
  code: null,
  counts: false,
  closes: false,
};

export const UNKNOWN_COMMAND = mistake("command-unknown", "500 5.5.1", "Unknown command. HELP lists those there are.");
export const NOT_IMPLEMENTED = mistake("command-not-implemented", "502 5.5.1", "This command is not implemented here.");
export const MALFORMED = mistake(
  "command-malformed",
  "500 5.5.2",
  "A command is one line of printable characters. Remove control characters and invalid UTF-8.",
);
export const TOO_LONG = mistake("command-too-long", "500 5.5.2", "The command line is too long. Shorten it.");
export const NO_ARGUMENT = mistake("command-argument", "501 5.5.4", "This command takes no argument.");
export const ARGUMENT_NEEDED = mistake("command-argument", "501 5.5.4", "This command needs an argument.");
export const HELLO_NAME = mistake(
  "command-argument",
  "501 5.5.4",
  "Name yourself: one host name or address literal after EHLO or HELO.",
);
export const HELLO_FIRST = mistake("bad-sequence", "503 5.5.1", "Say EHLO first.");
export const MAIL_FIRST = mistake("bad-sequence", "503 5.5.1", "Send MAIL first.");
export const MAIL_AGAIN = mistake("bad-sequence", "503 5.5.1", "MAIL was already given. Send RSET to begin anew.");
export const LOGIN_AGAIN = mistake("bad-sequence", "503 5.5.1", "You are logged in already.");
export const LOGIN_INSIDE = mistake(
  "bad-sequence",
  "503 5.5.1",
  "AUTH is not possible between MAIL and the end of DATA.",
);
export const TLS_AGAIN = mistake("bad-sequence", "503 5.5.1", "This connection uses TLS already.");
export const NO_RECIPIENTS = mistake("recipients-missing", "554 5.5.1", "No recipient was accepted. Send RCPT first.");

export const MAIL_SYNTAX = mistake(
  "command-argument",
  "501 5.5.4",
  "Write MAIL FROM:<address> and its parameters, without a space after the colon.",
);
export const RCPT_SYNTAX = mistake(
  "command-argument",
  "501 5.5.4",
  "Write RCPT TO:<address> and its parameters, without a space after the colon.",
);
export const BAD_RETURN_PATH = mistake(
  "return-path-malformed",
  "553 5.1.7",
  "The address in MAIL FROM is none. Give one plain mailbox local@domain, or <>.",
);
export const BAD_RECIPIENT = mistake(
  "recipient-malformed",
  "501 5.1.3",
  "The address in RCPT TO is none. Give one plain mailbox local@domain.",
);
// RFC 6531 §3.5
export const SMTPUTF8_NEEDED = mistake(
  "smtputf8-needed",
  "553 5.6.7",
  "The address has characters beyond ASCII. Give the parameter SMTPUTF8 with MAIL.",
);
export const UNKNOWN_PARAMETER = mistake(
  "parameter-unknown",
  "555 5.5.4",
  "A parameter is not known here. Use those that EHLO announced.",
);
export const BAD_PARAMETER = mistake(
  "parameter-malformed",
  "501 5.5.4",
  "A parameter has a value it cannot have, or is there twice.",
);

export const LOGIN_NEEDED = mistake("login-needed", "530 5.7.0", "Log in first (AUTH PLAIN or AUTH LOGIN).");
export const TLS_NEEDED = mistake("login-needed", "530 5.7.0", "Start TLS (STARTTLS), then log in (AUTH).");
export const LOGIN_IMPOSSIBLE = mistake(
  "login-needed",
  "530 5.7.0",
  "Logging in needs TLS, which this server has no certificate for. Ask its operator.",
);
export const LOGIN_NEEDS_TLS = mistake("login-needs-tls", "538 5.7.11", "A password may only be sent over TLS.");
export const LOGIN_FAILED = mistake("login-failed", "535 5.7.8", "User name or password is wrong.");
export const LOGIN_CANCELLED = mistake("login-cancelled", "501 5.7.0", "The login was cancelled.");
export const LOGIN_MALFORMED = mistake("login-malformed", "501 5.5.2", "This is no answer in base64 (RFC 4954 §4).");
export const MECHANISM_UNKNOWN = mistake("mechanism-unknown", "504 5.5.4", "Use AUTH PLAIN or AUTH LOGIN.");
export const NO_TLS = mistake("tls-unavailable", "502 5.5.1", "TLS is not set up on this server.");

export const LINE_END = lastWord(
  "command-line-end",
  "500 5.5.2",
  "A command line ends in CR LF, never in LF alone (RFC 5321 §2.3.8). Closing.",
);
export const ENDLESS_LINE = lastWord("command-too-long", "500 5.5.2", "The command line has no end. Closing.");
// RFC 4954 §4
export const ENDLESS_LOGIN_LINE = lastWord(
  "login-too-long",
  "500 5.5.6",
  "The answer is too long for a login. Closing.",
);
export const BEHIND_DATA = lastWord(
  "octets-behind-data",
  "554 5.5.0",
  "Wait for the reply to DATA before sending the message (RFC 2920 §3.1). Closing.",
);
export const BEHIND_STARTTLS = lastWord(
  "octets-behind-starttls",
  "554 5.5.0",
  "Nothing may be sent behind STARTTLS before TLS has begun (RFC 3207 §4.2). Closing.",
);
export const NO_CHUNKS = lastWord(
  "command-not-implemented",
  "502 5.5.1",
  "CHUNKING is not offered here, so what follows BDAT cannot be told from commands. Use DATA. Closing.",
);
export const FOREIGN_PROTOCOL = lastWord("foreign-protocol", "554 5.5.1", "This is an SMTP server, not a web server.");
export const ACCEPT_FAILED: Reply = {
  ...mistake("accept-failed", "451 4.3.0", "The message could not be kept. Send it again in a minute."),
  counts: false,
};

/** What names the server (RFC 5321 §4.2: 220, 221 and 421 begin with its domain). */
export type DoorReplies = ReturnType<typeof doorReplies>;
export function doorReplies(hostname: string) {
  return {
    greeting: { text: `220 ${hostname} ESMTP Postern\r\n`, code: null, counts: false, closes: false } satisfies Reply,
    bye: { ...good("221 2.0.0", `${hostname} Bye`), closes: true } satisfies Reply,
    stopping: lastWord("stopping", "421 4.3.2", `${hostname} is stopping. Connect again in a few seconds.`),
    tooManySessions: lastWord(
      "sessions-too-many",
      "421 4.3.2",
      `${hostname} has as many sessions as it may (limits.smtpSessions). Reuse connections, or connect later.`,
    ),
    tooManyErrors: lastWord(
      "errors-too-many",
      "421 4.7.0",
      `${hostname} Too many errors in this session. Read the replies above and mend the client.`,
    ),
    idle: lastWord(
      "session-idle",
      "421 4.4.2",
      `${hostname} Waited too long for the next command or the rest of a message.`,
    ),
  };
}
