import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as after } from "node:timers/promises";
import type { Letter, System } from "./system.ts";
import { type Call, mandrillCall, sendgridCall } from "./vendor-calls.ts";

/**
 * Upyo's pool itself (`@upyo/pool`, strategy `priority`), over two transports in the shape of Upyo's own: its transport
 * for SendGrid (dahlia/upyo 252ad04, packages/sendgrid/src/http-client.ts) waits 30 s for an answer, repeats three times
 * after 1, 2 and 4 s unless the answer is a 4xx, and believes the status. Upyo has no transport for Mandrill; ours does
 * the same for a 200.
 * @param home a folder where both packages were installed; null: not given.
 */
export function upyo(home: string | null): System {
  return {
    name: "upyo",
    title: "Upyo pool (priority)",
    made: "the real @upyo/pool, over transports in the shape of its own",
    spreads: false,
    keeps: false,
    missing: () =>
      home !== null && existsSync(entryOf(home))
        ? null
        : "not installed: run `npm install @upyo/pool @upyo/core` in a folder outside of this project, and name the folder with --upyo PATH or UPYO_HOME",
    async start({ pair: { primary, standby } }) {
      const { PoolTransport } = (await import(pathToFileURL(entryOf(home!)).href)) as PoolModule;
      const pool = new PoolTransport({
        strategy: "priority",
        transports: [
          { transport: transport("mandrill", mandrillCall(primary), 200), priority: 100 },
          { transport: transport("sendgrid", sendgridCall(standby), 202), priority: 50 },
        ],
      });
      return {
        version: versionOf(home!),
        send: async (letter) => ((await pool.send(letter, {})).successful ? "accepted" : "refused"),
      };
    },
  };
}

/** As much of @upyo/core as is used. */
type Receipt = { successful: true; messageId: string } | { successful: false; errorMessages: string[] };
type Options = { signal?: AbortSignal };
type Transport = { id: string; send(letter: Letter, options?: Options): Promise<Receipt> };
type PoolModule = {
  PoolTransport: new (config: {
    strategy: "priority";
    transports: { transport: Transport; priority: number }[];
  }) => Transport;
};

const TIMEOUT_MS = 30_000;
const RETRIES = 3;

const transport = (id: string, call: Call, fine: number): Transport => ({
  id,
  async send(letter, options = {}) {
    for (let attempt = 0; ; attempt += 1) {
      let failure: string;
      try {
        const timeout = AbortSignal.timeout(TIMEOUT_MS);
        const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
        const { status } = await call(letter, signal);
        if (status === fine) return { successful: true, messageId: letter.subject };
        failure = `HTTP ${status}`;
        if (status >= 400 && status < 500) return { successful: false, errorMessages: [failure] };
      } catch (error) {
        failure = (error as Error).message;
      }
      if (attempt === RETRIES) return { successful: false, errorMessages: [failure] };
      await after(2 ** attempt * 1_000);
    }
  },
});

const packageOf = (home: string): string => path.join(home, "node_modules/@upyo/pool");
const entryOf = (home: string): string => path.join(packageOf(home), "dist/index.js");
const versionOf = (home: string): string =>
  `@upyo/pool ${(JSON.parse(readFileSync(path.join(packageOf(home), "package.json"), "utf8")) as { version: string }).version}`;
