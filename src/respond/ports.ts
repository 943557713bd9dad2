import type { Alert as AnyAlert } from "../alerts/index.ts";

/** What other rooms do when a verdict falls. Each is optional: without it the rest goes on. */
export type ResponsePorts = {
  canaries?: CanariesPort;
  alerts?: AlertsPort;
  redrive?: RedrivePort;
  drills?: DrillsPort;
  objectives?: ObjectivesPort;
};

export type CanariesPort = {
  /** A handful at once, to find out whether a suspicion is true. @param scope "" or "tenant/stream" */
  burst(provider: string, scope: string, wish: { deadlineMs: number }): Promise<void>;
  /** One of a stream in doubt now, in place of the one that is due next. @param scope "tenant/stream" */
  next(provider: string, scope: string): Promise<void>;
  /** Once a second on the node that leads: sends what is due, and tells what did not arrive in time. Never throws. */
  tick(now: number): Promise<void>;
};

/** What people are told of from here. */
export type AlertKind =
  | "standby-in-use"
  | "quarantined"
  | "local-outage"
  | "pinned-off"
  | "events-dark"
  | "canary-altered"
  | "body-gone"
  | "sign-up";
export type Alert = AnyAlert & { kind: AlertKind };
export type AlertsPort = {
  raise(alert: Alert): Promise<void>;
  /** It is over. Of a key that was never raised: nothing happens. */
  resolve(key: string): Promise<void>;
};

/** Mail that a provider took and probably lost is to be sent another way. Ordered again with the same instants it is the same order. */
export type RedriveOrder = {
  provider: string;
  scope: string;
  /** Hand-offs from here on are in doubt. */
  sinceAt: number;
  verdictAt: number;
  reason: string;
  /** It says "delivered" of what did not arrive: its word counts for nothing. */
  lying?: true;
};
export type RedrivePort = {
  order(order: RedriveOrder): Promise<void>;
  /** Once a second on the node that leads. Never throws; while a look is not over, the next one is the same. */
  tick(now: number): Promise<void>;
};

/** What the leader looks after besides, once a second. */
export type DrillsPort = { tick(now: number): Promise<void> };
/** Once a second as well; never throws, and is not waited for. */
export type ObjectivesPort = { tick(now: number): Promise<void> };
