import assert from "node:assert/strict";
import type { FastifyInstance } from "fastify";
import type { AcceptPort, Door, Refusal, Submission } from "../../src/accept/index.ts";
import type { ProblemDocument } from "../../src/accept/http/problem.ts";
import { ASSURANCE } from "./assurance.ts";
import type { HttpBounds } from "../../src/accept/http/bounds.ts";
import { HTTP_BOUNDS } from "../../src/accept/http/bounds.ts";
import { startHttpDoor } from "../../src/accept/http/index.ts";
import { DEFAULT_LIMITS, type Limits, type TenantSettings } from "../../src/config/index.ts";
import {
  type Log,
  type LogFields,
  Secret,
  type SpoolId,
  newSpoolId,
  silentLog,
  systemClock,
  systemRandom,
} from "../../src/kernel/index.ts";
import { credentialsOf, tenantsOf } from "../../src/tenancy/index.ts";
import { templateStore } from "../../src/templates/index.ts";
import { TEST_TENANT } from "./mail-path.ts";
import { templateRowsInMemory } from "./template-rows.ts";
import { silentMetrics } from "../../src/metrics/index.ts";
import type {
  ActAnswer,
  EventPage,
  MessageFilter,
  MessagePage,
  MessageStory,
  RescheduleAnswer,
} from "../../src/spool/index.ts";

export const API_KEY = "key_0123456789abcdef";
/** Of another tenant. */
export const OTHER_API_KEY = "key_other_0123456789";
/** For clients that sign. */
export const AWS_KEY = { accessKeyId: "AKIAACME", secretAccessKey: "secret_0123456789abcdef" };
export const AUTHORIZATION = { authorization: `Bearer ${API_KEY}` };

const signers = credentialsOf([
  {
    name: "acme",
    credentials: [
      { name: "app", networks: [], aws: { ...AWS_KEY, secretAccessKey: new Secret(AWS_KEY.secretAccessKey) } },
    ],
  } as unknown as TenantSettings,
]);

/** A port that keeps submissions in memory and knows keys as the core does. */
export type FakePort = AcceptPort & {
  readonly submissions: Submission[];
  /** Given to the next accepts, in order; null lets one through. */
  readonly answers: (Refusal | Error | null)[];
  /** While set, intake is closed. */
  closed: Refusal | null;
  /** Awaited before each accept is answered. */
  hold: Promise<void> | null;
  /** Accepts that were called, answered or not. */
  called: number;
};

export function fakePort(): FakePort {
  const keys = new Map<string, { bodyHash: Buffer; spoolId: SpoolId }>();
  const port: FakePort = {
    submissions: [],
    answers: [],
    closed: null,
    hold: null,
    called: 0,
    async accept(submission) {
      port.called += 1;
      if (port.hold) await port.hold;
      const planned = port.answers.shift();
      if (planned instanceof Error) throw planned;
      if (planned) return { kind: "refused", refusal: planned };
      const { idempotency } = submission;
      const before = idempotency && keys.get(idempotency.key);
      if (before) {
        return before.bodyHash.equals(idempotency.bodyHash)
          ? { kind: "accepted", spoolId: before.spoolId, replayed: true }
          : { kind: "refused", refusal: refusal("idempotency-key-reused", 422) };
      }
      const spoolId = newSpoolId(systemClock, systemRandom);
      if (idempotency) keys.set(idempotency.key, { bodyHash: idempotency.bodyHash, spoolId });
      port.submissions.push(submission);
      return { kind: "accepted", spoolId, replayed: false };
    },
    authenticatePassword: (username, password) =>
      username === "acme-app" && password === "a-long: password" ? { tenant: "acme", credential: "app" } : null,
    authenticateApiKey: (key) => {
      if (key === OTHER_API_KEY) return { tenant: "other", credential: "app" };
      return key === API_KEY ? { tenant: "acme", credential: "app" } : null;
    },
    signingKey(accessKeyId, scope) {
      const known = signers.signingKey(accessKeyId, scope);
      return known && { submitter: known.identity, key: known.key };
    },
    authenticateAddress: () => null,
    intakeRefusal: () => port.closed,
  };
  return port;
}

export const refusal = (code: string, status: number, retryAfterS?: number): Refusal => ({
  code,
  smtp: { replyCode: 450, enhancedStatus: "4.0.0" },
  http: { status },
  publicMessage: `Refused as ${code}. Do something about it.`,
  ...(retryAfterS === undefined ? {} : { retryAfterS }),
});

export type TestDoor = {
  door: Door;
  port: FakePort;
  url: string;
  /** Answers of cancel, and what list and find were asked. */
  story: {
    cancel: ActAnswer;
    reschedule: RescheduleAnswer;
    found: MessageStory | null;
    page: MessagePage;
    events: EventPage;
    asked: unknown[];
  };
  logged: { event: string; fields: LogFields | undefined }[];
  refused: string[];
  /** A request with the key of the test's tenant. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  stop(): Promise<void>;
};

export async function startTestDoor(
  change: {
    limits?: Partial<Limits>;
    bounds?: Partial<HttpBounds>;
    extras?: ((server: FastifyInstance) => void)[];
    port?: FakePort;
    listenPort?: number;
  } = {},
): Promise<TestDoor> {
  const port = change.port ?? fakePort();
  const story: TestDoor["story"] = {
    cancel: "done",
    reschedule: "done",
    found: null,
    page: { messages: [], next: null },
    events: { events: [], next: null },
    asked: [],
  };
  const suppressed = new Map<string, Set<string>>();
  const logged: TestDoor["logged"] = [];
  const refused: string[] = [];
  const log: Log = { ...silentLog, error: (event, fields) => logged.push({ event, fields }) };
  const door = await startHttpDoor(
    {
      hostname: "postern.test",
      address: { host: "127.0.0.1", port: change.listenPort ?? 0 },
      limits: { ...DEFAULT_LIMITS, ...change.limits },
      port,
      stories: {
        async find(tenant, id) {
          story.asked.push({ tenant, id });
          return story.found;
        },
        async events(filter, limit, after) {
          story.asked.push({ filter, limit, after });
          return story.events;
        },
        count: async () => story.page.messages.length,
        async list(filter: MessageFilter, limit, after) {
          story.asked.push({ filter, limit, after });
          return story.page;
        },
      },
      acts: {
        async cancel(tenant, id, actor) {
          story.asked.push({ tenant, id, actor });
          return story.cancel;
        },
        hold: notAsked,
        release: notAsked,
        retry: notAsked,
        expire: notAsked,
        async reschedule(tenant, id, sendAt, actor) {
          story.asked.push({ tenant, id, sendAt, actor });
          return story.reschedule;
        },
      },
      suppressions: {
        list: async (tenant) =>
          [...(suppressed.get(tenant) ?? [])].map((address) => ({
            address,
            kind: "manual",
            reason: "r",
            createdAt: 0,
          })),
        add: async (tenant, address) => {
          suppressed.set(tenant, (suppressed.get(tenant) ?? new Set()).add(address));
          return "done";
        },
        async removeMany(tenant, filter) {
          story.asked.push({ tenant, filter });
          return 3;
        },
        remove: async (tenant, address) => suppressed.get(tenant)?.delete(address) ?? false,
      },
      tenants: tenantsOf([TEST_TENANT]),
      assurance: async (tenant) => {
        story.asked.push({ tenant, assurance: true });
        return ASSURANCE;
      },
      templates: templateStore({ rows: templateRowsInMemory(), clock: systemClock, random: systemRandom }),
      clock: systemClock,
      random: systemRandom,
      log,
      metrics: { ...silentMetrics, refused: (_door, code) => refused.push(code) },
      extras: change.extras ?? [],
    },
    { ...HTTP_BOUNDS, ...change.bounds },
  );
  const url = `http://127.0.0.1:${door.address.port}`;
  const ask: TestDoor["ask"] = (path, init = {}) =>
    fetch(url + path, { ...init, headers: { ...AUTHORIZATION, ...(init.headers as Record<string, string>) } });
  return {
    door,
    port,
    url,
    story,
    logged,
    refused,
    ask,
    post: (path, body, headers = {}) =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    stop: () => door.stop(1_000),
  };
}

async function notAsked(): Promise<ActAnswer> {
  throw new Error("not a thing the API does");
}

/** The problem document of an answer, after what holds for each of them was checked. */
export async function problemOf(response: Response, status: number): Promise<ProblemDocument> {
  assert.equal(response.status, status);
  assert.match(response.headers.get("content-type")!, /^application\/problem\+json/);
  const document = (await response.json()) as ProblemDocument;
  assert.equal(document.status, status);
  assert.equal(document.type, `/v1/problems/${document.code}`);
  return document;
}
