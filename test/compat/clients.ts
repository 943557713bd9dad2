import { readFileSync } from "node:fs";
import path from "node:path";
import { type CallResult, type ClientCalls, type ClientResults, tryCall } from "./call.ts";
import { mailgunCalls } from "./mailgun.ts";
import { mandrillCalls } from "./mandrill.ts";
import { nodemailerCalls } from "./nodemailer.ts";
import { postmarkCalls } from "./postmark.ts";
import { resendCalls } from "./resend.ts";
import { sendgridCalls } from "./sendgrid.ts";
import { sesCalls } from "./ses.ts";
import { type CompatWorld, startCompatWorld } from "./world.ts";

/** Every official client that is tried, in the order of the table. */
const CLIENTS: readonly ((world: CompatWorld) => ClientCalls | Promise<ClientCalls>)[] = [
  mandrillCalls,
  sendgridCalls,
  resendCalls,
  postmarkCalls,
  mailgunCalls,
  sesCalls,
  nodemailerCalls,
];

const ROOT = path.join(import.meta.dirname, "../..");

/** Tries every call of every client against one Postern, one after the other. */
export async function tryAll(): Promise<ClientResults[]> {
  const world = await startCompatWorld();
  try {
    const all: ClientResults[] = [];
    for (const make of CLIENTS) {
      const { vendor, client, calls } = await make(world);
      const results: CallResult[] = [];
      for (const call of calls) results.push(await tryCall(call));
      all.push({ vendor, client, version: versionOf(client), results });
    }
    return all;
  } finally {
    await world.end();
  }
}

const versionOf = (client: string): string =>
  (JSON.parse(readFileSync(path.join(ROOT, "node_modules", client, "package.json"), "utf8")) as { version: string })
    .version;
