import type { FastifyInstance } from "fastify";
import type { Address, Limits, ListenSettings } from "../config/index.ts";
import type { Clock, Log, Random } from "../kernel/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { QueueActs, StoryReader } from "../spool/index.ts";
import type { Assurance } from "../slo/index.ts";
import type { SuppressionList, Tenants } from "../tenancy/index.ts";
import type { TemplateStore } from "../templates/index.ts";
import type { AcceptPort, Refusal } from "./submission.ts";

/** A listening door. `stop` takes no new work, lets what is on its way end within `graceMs`, then closes. */
export type Door = { address: Address; stop(graceMs: number): Promise<void> };

/** smtp/: RFC 6409 submission. One door per listening address. */
export type SmtpDoorParts = {
  hostname: string;
  address: Address;
  /** True: TLS from the first octet (RFC 8314). False: STARTTLS where `tls` is given. */
  implicitTls: boolean;
  tls: ListenSettings["tls"];
  allowPlaintextAuth: boolean;
  /** Of a receiving server (MX): nobody logs in, and whom it has no mailbox for is refused at RCPT. Absent: submission. */
  receives?: (recipient: string) => Refusal | null;
  limits: Limits;
  port: AcceptPort;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
};

/** http/: the /v1 API. */
export type HttpDoorParts = {
  hostname: string;
  address: Address;
  limits: Limits;
  port: AcceptPort;
  stories: StoryReader;
  acts: QueueActs;
  suppressions: SuppressionList;
  tenants: Tenants;
  templates: TemplateStore;
  assurance(tenant: string): Promise<Assurance>;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
  /** Pages and addresses of other rooms on the same door: /metrics, /healthz, /readyz, /lab. */
  extras: ((server: FastifyInstance) => void)[];
};
