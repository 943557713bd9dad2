import type { Limits } from "../../config/index.ts";
import type { Clock, Log, Random } from "../../kernel/index.ts";
import type { Metrics } from "../../metrics/index.ts";
import type { QueueActs, StoryReader } from "../../spool/index.ts";
import type { SuppressionExceptions, SuppressionList, Tenants } from "../../tenancy/index.ts";
import type { TemplateStore } from "../../templates/index.ts";
import type { AcceptPort } from "../submission.ts";

/** What a drop-in API stands on: the same core as every other door, under another's words. */
export type CompatParts = {
  limits: Limits;
  port: AcceptPort;
  stories: StoryReader;
  acts: QueueActs;
  suppressions: SuppressionList;
  exceptions: SuppressionExceptions;
  tenants: Tenants;
  templates: TemplateStore;
  /** How clients reach us (listen.publicUrl); null: as their request says. */
  publicUrl: string | null;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
};
