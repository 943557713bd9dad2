import type { IncomingHttpHeaders } from "node:http";
import type { z } from "zod";
import type { Limits } from "../../../config/index.ts";
import type { Log, Random } from "../../../kernel/index.ts";
import type { Metrics } from "../../../metrics/index.ts";
import type { QueueActs, StoryReader } from "../../../spool/index.ts";
import type { Assurance } from "../../../slo/index.ts";
import type { SuppressionList, Tenants } from "../../../tenancy/index.ts";
import type { TemplateStore } from "../../../templates/index.ts";
import type { AcceptPort, Submitter } from "../../submission.ts";
import type { Answer } from "../problem.ts";

/** A request after its credential was checked and its body was read. */
export type Call<Who> = {
  submitter: Who;
  params: Readonly<Record<string, string>>;
  query: unknown;
  headers: IncomingHttpHeaders;
  /** Parsed JSON, or octets of message/rfc822. */
  body: unknown;
};

export type OperationParts = {
  limits: Limits;
  port: AcceptPort;
  stories: StoryReader;
  acts: QueueActs;
  suppressions: SuppressionList;
  tenants: Tenants;
  templates: TemplateStore;
  /** How a tenant's mail fares. */
  assurance(tenant: string): Promise<Assurance>;
  random: Random;
  log: Log;
  metrics: Metrics;
};

type Parameter = {
  in: "path" | "query" | "header";
  name: string;
  required?: boolean;
  schema: z.ZodType;
  description?: string;
};
type Described = { description: string; schema?: z.ZodType; headers?: Record<string, string> };

/** What is published of an operation; openapi/document.ts makes the document of it. */
export type Description = {
  operationId: string;
  summary: string;
  description?: string;
  parameters?: Parameter[];
  /** By media type; null: octets. */
  request?: Record<string, z.ZodType | null>;
  /** By status. Every operation may also answer with a problem. */
  responses: Record<number, Described>;
  /** Statuses of the problems that are this operation's own. */
  problems: number[];
};

/** One method of one path below /v1: registered with the server and published from the same lines. */
export type Operation = {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** As OpenAPI writes it: `/messages/{id}`. */
  path: string;
  describe: Description;
} & (
  | { open: true; handle(call: Call<null>): Answer | Promise<Answer> }
  /** `takesMail`: asked only while intake is open, and its body counts against the bytes in memory. */
  | { open: false; takesMail: boolean; handle(call: Call<Submitter>): Promise<Answer> }
);
