import type { FastifyInstance } from "fastify";
import { ASSURANCE_TITLE, type AssuranceShown, assurancePageHtml, assurancePieces } from "../pages/assurance-page.ts";
import type { LabState } from "../state.ts";

/** A page asks whenever a message moves; what it is shown is counted once a minute. */
const FRESH_MS = 1_000;

/** The page of promises and verdicts, and what moves in it. */
export function assuranceRoutes(lab: FastifyInstance, state: LabState): void {
  let asked: { at: number; shown: Promise<AssuranceShown> } | null = null;
  const read = (): Promise<AssuranceShown> => {
    const at = state.clock.monotonicMs();
    if (asked && at - asked.at < FRESH_MS) return asked.shown;
    asked = { at, shown: state.assurance?.() ?? Promise.resolve(null) };
    return asked.shown;
  };
  lab.get("/assurance", async (_request, reply) =>
    reply.type("text/html; charset=utf-8").send(assurancePageHtml(await read())),
  );
  lab.get("/assurance/live", async () => {
    const { streams, providers } = assurancePieces(await read());
    return { title: ASSURANCE_TITLE, modes: {}, pieces: { streams: streams.text, providers: providers.text } };
  });
}
