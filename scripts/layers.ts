/**
 * Who may import whom, as data. A room is a folder of src/ (or a file directly in it); the message walks through them
 * from the top of this table to its end, so a room knows only what stands above it (ARCHITECTURE.md says why).
 */
export type Room = {
  /** Rooms it may import. */
  may: readonly string[];
  /** Rooms of which it may know the shapes only: `import type`. */
  mayKnow?: readonly string[];
  /** Decides and never does: no files, no sockets, no database, no clock of its own. */
  pure?: true;
};

const BELOW = [
  "kernel",
  "mail",
  "net",
  "store",
  "metrics",
  "config",
  "ledger",
  "tenancy",
  "spool",
  "screen",
  "route",
  "judge",
  "standing",
  "slo",
  "templates",
];
const STAGES = [
  ...BELOW,
  "providers",
  "accept",
  "handoff",
  "observe",
  "canary",
  "notify",
  "adopt",
  "drill",
  "alerts",
  "respond",
];

export const ROOMS: Readonly<Record<string, Room>> = {
  kernel: { may: [], pure: true },
  mail: { may: ["kernel"], pure: true },
  net: { may: ["kernel"] },
  store: { may: ["kernel"] },
  metrics: { may: ["kernel"] },
  config: { may: ["kernel", "mail"] },
  ledger: { may: ["kernel", "mail", "store"] },
  tenancy: { may: ["kernel", "mail", "store", "ledger", "config"] },
  spool: { may: ["kernel", "mail", "store"] },
  screen: { may: ["kernel", "mail", "tenancy"] },
  route: { may: ["kernel", "mail"], pure: true },
  judge: { may: ["kernel", "mail"], pure: true },
  standing: { may: ["kernel", "mail", "store", "judge"] },
  slo: { may: ["kernel", "mail", "store", "metrics", "config", "spool", "judge", "standing"] },
  templates: { may: ["kernel", "mail", "store"] },
  providers: { may: ["kernel", "mail", "net"], mayKnow: ["config"] },
  // These two meet an outage of the database themselves and tell it from a fault (store's isDatabaseAway); statements stay in spool.
  accept: {
    may: ["kernel", "mail", "store", "config", "tenancy", "screen", "spool", "ledger", "metrics", "judge", "templates"],
    mayKnow: ["slo"],
  },
  handoff: {
    may: ["kernel", "mail", "store", "config", "spool", "route", "providers", "tenancy", "ledger", "metrics"],
  },
  observe: { may: ["kernel", "mail", "store", "metrics", "config", "ledger", "tenancy", "spool", "providers"] },
  canary: {
    may: ["kernel", "mail", "store", "metrics", "config", "tenancy", "judge", "templates", "spool", "accept"],
  },
  notify: { may: ["kernel", "mail", "net", "config", "tenancy", "store", "spool", "metrics"] },
  adopt: { may: ["kernel", "mail", "store", "config", "tenancy", "templates", "providers"] },
  drill: { may: ["kernel", "mail", "store", "config", "ledger", "tenancy", "judge"], mayKnow: ["handoff"] },
  alerts: { may: ["kernel", "mail", "store", "metrics", "config", "accept", "notify"] },
  respond: {
    may: [
      "kernel",
      "mail",
      "store",
      "config",
      "ledger",
      "metrics",
      "tenancy",
      "spool",
      "judge",
      "standing",
      "providers",
      "observe",
    ],
    mayKnow: ["alerts"],
  },
  client: { may: [], mayKnow: STAGES },
  lab: { may: [...STAGES, "client"] },
  "app.ts": { may: [...STAGES, "client", "lab"] },
  cli: { may: [...STAGES, "client", "lab", "app.ts"] },
  "main.ts": { may: [...STAGES, "client", "lab", "app.ts", "cli"] },
};

/** What a pure room may not touch, by the module it would come from. */
export const WORLD =
  /^(?:node:(?:fs|net|tls|http|https|http2|dns|dgram|child_process|cluster|worker_threads|os|process)(?:\/.*)?|pg|fastify|nodemailer|pino|undici)$/;
