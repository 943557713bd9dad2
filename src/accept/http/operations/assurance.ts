import { z } from "zod";
import { STATES } from "../../../judge/index.ts";
import { MESSAGE_CLASSES } from "../../../mail/index.ts";
import type { Counted, Point, ProviderAssurance, StreamAssurance } from "../../../slo/index.ts";
import { problem, problemAnswer } from "../problem.ts";
import type { Operation, OperationParts } from "./operation.ts";

const instant = z.string().describe("RFC 3339 in UTC, with milliseconds.");
const ms = z.number().nullable().describe("Milliseconds; null: of none.");
const quantiles = z.strictObject({ p50: ms, p95: ms, p99: ms });
const countedSchema = z.strictObject({
  accepted: z.int().describe("Messages, without those that could not arrive anywhere."),
  handedOff: z.int(),
  confirmed: z.int().describe("The receiving servers took it, as its provider reports."),
  failed: z.int(),
  expired: z.int(),
  latenciesMs: z
    .strictObject({ handedOff: quantiles, confirmed: quantiles, leg: quantiles })
    .describe("Of what got there: since accept; leg: from hand-off to confirmation."),
});
const pointSchema = z.strictObject({
  at: instant,
  accepted: z.int(),
  there: z.int().describe("Confirmed; where the provider tells nothing, handed off."),
  inTime: z.int().nullable(),
  p50Ms: ms,
  p95Ms: ms,
});
const curves = {
  minutes: z.array(pointSchema).describe("The last hour, by the minute."),
  hours: z.array(pointSchema).describe("The last day, by the hour."),
};
const budgetSchema = z.strictObject({
  inTime: z.int(),
  decided: z.int().describe("Messages of the window that are decided: in time, or not."),
  left: z.number().describe("What may still be late, as a share. 1: untouched; 0: spent; below: overspent."),
});
const burnSchema = z
  .strictObject({ "5m": z.number(), "30m": z.number(), "1h": z.number(), "6h": z.number(), "3d": z.number() })
  .describe("How fast the budget is used up; at 1 nothing is left at the window's end.");
const streamMembers = {
  stream: z.string(),
  class: z.enum(MESSAGE_CLASSES),
  objective: z.strictObject({ withinSeconds: z.number(), target: z.number(), windowSeconds: z.number() }),
  budget: budgetSchema,
  burnRates: burnSchema,
  alarm: z
    .strictObject({ severity: z.enum(["page", "ticket"]), long: z.string(), short: z.string(), rate: z.number() })
    .nullable()
    .describe("The sharpest rule that is met: the burn rate is above `rate` over both windows."),
  lastHour: countedSchema,
  lastDay: countedSchema,
};
const standingSchema = z.strictObject({
  state: z.enum(STATES),
  since: instant.nullable().describe("Null: nothing was ever found against it."),
  because: z.string().nullable().describe("What moved it there, in a word."),
});
const providerMembers = {
  provider: z.string(),
  standing: standingSchema,
  streams: z
    .array(z.strictObject({ stream: z.string(), standing: standingSchema }))
    .describe("Your streams that stand otherwise through it."),
  lastHour: countedSchema.describe("Of your mail that it took first."),
  lastDay: countedSchema,
  canaries: z
    .array(
      z.strictObject({
        receiver: z.string(),
        own: z.boolean().describe("A server of Postern's own; else a mailbox at somebody else's."),
        sent: z.int(),
        arrived: z.int(),
        spam: z.int(),
        late: z.int(),
        altered: z.int(),
        missed: z.int(),
        refused: z.int(),
        p50Ms: ms,
        p95Ms: ms,
      }),
    )
    .describe("Where canaries that stand for your mail went within the last day, by receiver."),
};
const assuranceSchema = z.strictObject({
  at: instant,
  countedUntil: instant.nullable().describe("The newest minute that was counted; it is late where no node leads."),
  streams: z.array(z.strictObject(streamMembers)),
  providers: z.array(z.strictObject(providerMembers)),
});
const streamSchema = z.strictObject({
  ...streamMembers,
  ...curves,
  providers: z.array(
    z.strictObject({ provider: z.string(), budget: budgetSchema, burnRates: burnSchema, lastDay: countedSchema }),
  ),
});
const providerSchema = z.strictObject({
  ...providerMembers,
  states: z
    .array(z.strictObject({ from: instant, state: z.enum(STATES) }))
    .describe("How it stood within the last day."),
  ...curves,
});

const time = (at: number): string => new Date(at).toISOString();
const counted = ({ latencies, ...counts }: Counted): z.infer<typeof countedSchema> => ({
  ...counts,
  latenciesMs: latencies,
});
const points = (all: readonly Point[]): z.infer<typeof pointSchema>[] =>
  all.map(({ at, p50, p95, ...counts }) => ({ at: time(at), ...counts, p50Ms: p50, p95Ms: p95 }));
const budget = ({ share, budgetLeft }: StreamAssurance["kept"] | StreamAssurance["providers"][number]["kept"]) => ({
  inTime: share.good,
  decided: share.total,
  left: budgetLeft,
});

const streamJson = (one: StreamAssurance): z.infer<z.ZodObject<typeof streamMembers>> => ({
  stream: one.stream,
  class: one.class,
  objective: {
    withinSeconds: one.objective.withinMs / 1_000,
    target: one.objective.target,
    windowSeconds: one.objective.windowMs / 1_000,
  },
  budget: budget(one.kept),
  burnRates: one.kept.burn,
  alarm: one.kept.alarm,
  lastHour: counted(one.hour),
  lastDay: counted(one.day),
});

/** Without the sentence: it may name other tenants' receivers, or what an operator wrote. */
const standingJson = (standing: ProviderAssurance["standing"]): z.infer<typeof standingSchema> => ({
  state: standing?.state ?? "HEALTHY",
  since: standing === null ? null : time(standing.since),
  because: standing?.because.kind ?? null,
});
const providerJson = (one: ProviderAssurance): z.infer<z.ZodObject<typeof providerMembers>> => ({
  provider: one.provider,
  standing: standingJson(one.standing),
  streams: one.streams.map(({ stream, standing }) => ({ stream, standing: standingJson(standing) })),
  lastHour: counted(one.hour),
  lastDay: counted(one.day),
  canaries: one.canaries.map(({ receiver, own, sent, arrived, spam, late, altered, missed, refused, p50, p95 }) => ({
    receiver,
    own,
    sent,
    arrived,
    spam,
    late,
    altered,
    missed,
    refused,
    p50Ms: p50,
    p95Ms: p95,
  })),
});

const notFound = (what: string) =>
  problemAnswer(problem(404, "assurance-not-found", `You have no ${what} of this name. GET /v1/assurance lists them.`));
const nameParameter = (name: string) => ({ in: "path" as const, name, required: true, schema: z.string() });

/** How a tenant's mail fares: what was promised of it, and how its providers stand. Of other tenants nothing is told. */
export function assuranceOperations({ assurance }: OperationParts): Operation[] {
  return [
    {
      method: "GET",
      open: false,
      takesMail: false,
      path: "/assurance",
      describe: {
        operationId: "getAssurance",
        summary: "Objectives, error budgets, and how providers stand",
        responses: { 200: { description: "All streams and providers.", schema: assuranceSchema } },
        problems: [503],
      },
      async handle({ submitter }) {
        const { at, countedAt, streams, providers } = await assurance(submitter.tenant);
        return {
          status: 200,
          body: {
            at: time(at),
            countedUntil: countedAt === null ? null : time(countedAt),
            streams: streams.map(streamJson),
            providers: providers.map(providerJson),
          } satisfies z.infer<typeof assuranceSchema>,
        };
      },
    },
    {
      method: "GET",
      open: false,
      takesMail: false,
      path: "/assurance/streams/{stream}",
      describe: {
        operationId: "getStreamAssurance",
        summary: "One stream: its objective, its providers, the last hour and day",
        parameters: [nameParameter("stream")],
        responses: { 200: { description: "With curves.", schema: streamSchema } },
        problems: [404, 503],
      },
      async handle({ submitter, params }) {
        const one = (await assurance(submitter.tenant)).streams.find(({ stream }) => stream === params["stream"]);
        if (!one) return notFound("stream");
        return {
          status: 200,
          body: {
            ...streamJson(one),
            minutes: points(one.minutes),
            hours: points(one.hours),
            providers: one.providers.map(({ provider, kept, day }) => ({
              provider,
              budget: budget(kept),
              burnRates: kept.burn,
              lastDay: counted(day),
            })),
          } satisfies z.infer<typeof streamSchema>,
        };
      },
    },
    {
      method: "GET",
      open: false,
      takesMail: false,
      path: "/assurance/providers/{provider}",
      describe: {
        operationId: "getProviderAssurance",
        summary: "One provider: how it stands, your mail through it, its canaries",
        parameters: [nameParameter("provider")],
        responses: { 200: { description: "With curves.", schema: providerSchema } },
        problems: [404, 503],
      },
      async handle({ submitter, params }) {
        const { providers } = await assurance(submitter.tenant);
        const one = providers.find(({ provider }) => provider === params["provider"]);
        if (!one) return notFound("provider");
        const states = one.states.map(({ from, state }) => ({ from: time(from), state }));
        const curvesOf = { states, minutes: points(one.minutes), hours: points(one.hours) };
        return { status: 200, body: { ...providerJson(one), ...curvesOf } satisfies z.infer<typeof providerSchema> };
      },
    },
  ];
}
