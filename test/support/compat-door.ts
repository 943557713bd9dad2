import type { FastifyInstance } from "fastify";
import { type CompatParts } from "../../src/accept/index.ts";
import { DEFAULT_LIMITS } from "../../src/config/index.ts";
import { silentLog, systemClock, systemRandom } from "../../src/kernel/index.ts";
import { silentMetrics } from "../../src/metrics/index.ts";
import type { EventEntry, MessageStory } from "../../src/spool/index.ts";
import { type SuppressionExceptions, tenantsOf } from "../../src/tenancy/index.ts";
import { type TemplateStore, templateStore } from "../../src/templates/index.ts";
import { TEST_TENANT } from "./mail-path.ts";
import { templateRowsInMemory } from "./template-rows.ts";
import { type FakePort, type TestDoor, fakePort, startTestDoor } from "./http-door.ts";

const notAsked = () => Promise.reject(new Error("nobody was to ask for this act"));

export type CompatDoor = {
  door: TestDoor;
  port: FakePort;
  suppressed: Set<string>;
  story: { found: MessageStory | null; events: EventEntry[] };
  templates: TemplateStore;
};

/** A door that speaks a dialect, before a port that keeps what it was given. */
export async function compatDoor(register: (server: FastifyInstance, parts: CompatParts) => void): Promise<CompatDoor> {
  const port = fakePort();
  const suppressed = new Set<string>();
  const story: CompatDoor["story"] = { found: null, events: [] };
  const parts: CompatParts = {
    limits: DEFAULT_LIMITS,
    port,
    stories: {
      find: () => Promise.resolve(story.found),
      events: () => Promise.resolve({ events: story.events, next: null }),
      count: () => Promise.resolve(story.found ? 1 : 0),
      list: () => Promise.resolve({ messages: story.found ? [story.found] : [], next: null }),
    },
    acts: {
      cancel: notAsked,
      hold: notAsked,
      release: notAsked,
      retry: notAsked,
      expire: notAsked,
      reschedule: notAsked,
    },
    suppressions: {
      list: (_tenant, _limit, _after, filter) =>
        Promise.resolve(
          [...suppressed]
            .filter((address) => filter?.addresses?.includes(address) ?? true)
            .map((address) => ({ address, kind: "manual", reason: "asked us to", createdAt: 0 })),
        ),
      add: async (_tenant, address) => (suppressed.add(address), "done"),
      removeMany: () => Promise.resolve(0),
      remove: (_tenant, address) => Promise.resolve(suppressed.delete(address)),
    },
    exceptions: exceptionsInMemory(),
    publicUrl: null,
    tenants: tenantsOf([TEST_TENANT]),
    templates: templateStore({ rows: templateRowsInMemory(), clock: systemClock, random: systemRandom }),
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    metrics: silentMetrics,
  };
  return {
    door: await startTestDoor({ port, extras: [(server) => register(server, parts)] }),
    port,
    suppressed,
    story,
    templates: parts.templates,
  };
}

function exceptionsInMemory(): SuppressionExceptions {
  const kept = new Map<string, string>();
  const key = (address: string): string => address.toLowerCase();
  return {
    list: async (_tenant, _limit, _after, prefix = "") =>
      [...kept]
        .filter(([address]) => address.startsWith(key(prefix)))
        .map(([address, comment]) => ({ address, comment, createdAt: 0 })),
    has: async (_tenant, address) => kept.has(key(address)),
    add: async (_tenant, address, comment) => (kept.set(key(address), comment), "done"),
    remove: async (_tenant, address) => kept.delete(key(address)),
  };
}
