import { createTransport } from "nodemailer";
import { Problem } from "../../kernel/index.ts";
import type { Letter } from "./letter.ts";
import type { PostOffice } from "./post-office.ts";

const TIMEOUT_MS = 30_000;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** Hands the letter in at the SMTP door. @returns the door's answer and the id in it. */
export async function sendBySmtp(
  letter: Letter,
  { smtp, login }: Pick<PostOffice, "smtp" | "login">,
  stream: string | undefined,
): Promise<{ answer: string; id: string | null }> {
  if (smtp === null) throw new Problem("server-unreachable", "The SMTP door is closed (listen.smtp). Send over HTTP.");
  const transport = createTransport({
    ...smtp,
    secure: false,
    requireTLS: !isOwn(smtp.host), // a login never crosses the network in clear
    ...(login ? { auth: { user: login.username, pass: login.password.reveal() } } : {}),
    tls: { rejectUnauthorized: !isOwn(smtp.host) }, // our own door's certificate names the public host, not loopback
    connectionTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const field = stream === undefined ? [] : [Buffer.from(`X-Postern-Stream: ${stream}\r\n`)];
  try {
    const sent = await transport.sendMail({
      envelope: { from: letter.returnPath, to: letter.recipients },
      raw: Buffer.concat([...field, letter.raw]),
    });
    return { answer: sent.response, id: UUID.exec(sent.response)?.[0] ?? null };
  } catch (error) {
    const said = (error as { response?: string }).response;
    if (said !== undefined) throw new Problem("smtp-refused", `The SMTP door said: ${said}`);
    throw new Problem(
      "server-unreachable",
      `Nothing takes mail at ${smtp.host}:${smtp.port}. Start Postern (npm start), or check listen.smtp.`,
      error,
    );
  } finally {
    transport.close();
  }
}

const isOwn = (host: string): boolean => host === "::1" || host === "localhost" || host.startsWith("127.");
