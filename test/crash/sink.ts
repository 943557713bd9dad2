/**
 * The provider of the crash tests, a process of its own that is never killed: takes mail over SMTP, remembers every
 * copy by our id and by attempt, and answers what it took. A share of messages is taken and then left without an
 * answer. Uses the lab's SMTP dialogue.
 */
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { systemClock } from "../../src/kernel/index.ts";
import { type LabMode, MODE_RULES } from "../../src/lab/modes.ts";
import { posternFields } from "../../src/lab/postern-fields.ts";
import { speakSmtp } from "../../src/lab/smtp/session.ts";

/** What a sink tells its parent once it listens. */
export type SinkPlace = { smtp: number; http: number };
/** What it took: copies by our id. */
export type SinkReport = { copies: Record<string, number> };

const silentShare = Number(process.argv[2] ?? "0");
const copies = new Map<string, number>();
const attempts = new Set<string>();
/** The newest message to each of the last recipients, for tests that look into one. */
const newest = new Map<string, string>();
const NEWEST = 200;
let mode: LabMode = "normal";
let count = 0;

const smtp = createServer((socket) => {
  socket.on("error", () => {});
  let rule = MODE_RULES[mode];
  speakSmtp(
    socket,
    {
      hostname: () => "sink.test",
      rule: () => {
        count += 1;
        const silent = silentShare > 0 && count % Math.round(1 / silentShare) === 0;
        rule = MODE_RULES[silent && mode === "normal" ? "closes-before-answer" : mode];
        return rule;
      },
      refused: () => {},
      ended: (ending, { recipients }, raw) => {
        const { attemptId, spoolId } = posternFields(raw);
        if (ending.end.fate !== "delivered") return "x";
        for (const { address } of recipients) {
          newest.delete(address);
          newest.set(address, raw.toString("latin1"));
          if (newest.size > NEWEST) newest.delete(newest.keys().next().value!);
        }
        if (attemptId) attempts.add(attemptId);
        if (spoolId) copies.set(spoolId, (copies.get(spoolId) ?? 0) + 1);
        return String(count);
      },
    },
    systemClock,
  );
});

const http = createHttpServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://sink");
  response.setHeader("content-type", "application/json");
  if (url.pathname === "/activity") {
    response.end(JSON.stringify({ taken: attempts.has(url.searchParams.get("attempt") ?? "") }));
  } else if (url.pathname === "/newest") {
    response.end(JSON.stringify({ raw: newest.get(url.searchParams.get("to") ?? "") ?? null }));
  } else if (url.pathname === "/mode") {
    mode = url.searchParams.get("is") as LabMode;
    response.end("{}");
  } else response.end(JSON.stringify({ copies: Object.fromEntries(copies) } satisfies SinkReport));
});

smtp.listen(0, "127.0.0.1", () =>
  http.listen(0, "127.0.0.1", () => {
    const portOf = (server: typeof smtp | typeof http) => (server.address() as AddressInfo).port;
    process.send!({ smtp: portOf(smtp), http: portOf(http) } satisfies SinkPlace);
  }),
);
process.on("disconnect", () => process.exit(0)); // never outlives the test
