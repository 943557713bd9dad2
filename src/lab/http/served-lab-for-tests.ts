import assert from "node:assert/strict";
import fastify, { type FastifyInstance, type InjectOptions } from "fastify";
import { type VirtualClock, virtualClock } from "../../../test/support/virtual-clock.ts";
import { startTestLab } from "../lab-for-tests.ts";
import type { Lab } from "../lab.ts";
import { greeted, send } from "../smtp/wire-for-tests.ts";

export const HERE = { host: "127.0.0.1:8025" };

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects and fails where it is not
type JsonAnswer = any;

export type Answer = {
  statusCode: number;
  headers: NodeJS.Dict<number | string | string[]>;
  body: string;
  json(): JsonAnswer;
};
/** A lab with its pages, and the few things tests do with it. */
export type ServedLab = {
  clock: VirtualClock;
  lab: Lab;
  server: FastifyInstance;
  ask(url: string, options?: InjectOptions): Promise<Answer>;
  get(url: string): Promise<string>;
  json(url: string): Promise<JsonAnswer>;
  /** Sends `text` to the provider of that index. */
  mail(text: string, provider?: number): Promise<void>;
  setMode(name: string, mode: unknown, headers?: Record<string, string>): Promise<Answer>;
  stop(): Promise<void>;
};

export async function serveLab(): Promise<ServedLab> {
  const clock = virtualClock();
  const lab = await startTestLab(clock);
  const server = fastify();
  lab.register(server);
  const ask: ServedLab["ask"] = (url, options = {}) => server.inject({ url, headers: HERE, ...options });
  return {
    clock,
    lab,
    server,
    ask,
    get: async (url) => (await ask(url)).body,
    json: async (url) => (await ask(url)).json(),
    async mail(text, provider = 0) {
      const to = lab.providers[provider]!;
      if (to.kind !== "smtp") throw new Error(`${to.name} does not speak SMTP`);
      const wire = await greeted(to.port);
      assert.match(await send(wire, text), /^250 /);
      wire.socket.destroy();
    },
    setMode: (name, mode, headers = {}) =>
      ask(`/lab/providers/${name}/mode`, { method: "POST", headers: { ...HERE, ...headers }, payload: { mode } }),
    async stop() {
      await server.close();
      await lab.stop();
    },
  };
}
