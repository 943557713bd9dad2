import { curve, grouped, short } from "../show/table.ts";
import type { BacklogResult } from "./backlog.ts";

/** Between the second and the last quarter of a backlog memory may rise by this; an unbounded one about doubles. */
const MAY_RISE = 1.25;
/** Before this a Node.js process has not yet taken the memory it works with. */
const TELLS_FROM_MESSAGES = 50_000;

export function backlogText(result: BacklogResult): string {
  const { memory, accept, drain } = result;
  const bounded =
    result.messages < TELLS_FROM_MESSAGES ? "–" : memory.lastQuarterMb <= memory.secondQuarterMb * MAY_RISE ? "✓" : "✗";
  const bodiesMb = (result.messages * result.octets) / 1_048_576;
  return [
    `Backlog: ${grouped(result.messages)} messages of ${grouped(result.octets)} octets (${grouped(bodiesMb)} MB) accepted while the provider refused connections`,
    "",
    `memory of Postern's process (PSS), ${short(memory.samples.at(-1)?.atS ?? 0)} s from the first message to the last hand-off; peak ${grouped(memory.nodePeakMb)} MB`,
    `  ${curve(memory.samples.map((sample) => sample.nodeMb))}`,
    `  accepting ${short(accept.seconds)} s, waiting ${short(drain.waitedS)} s, handing off ${short(drain.seconds)} s; with the database at most ${grouped(memory.treePeakMb)} MB`,
    "",
    `accepted   ${short(accept.messagesPerSecond)} messages/s, p50 ${short(accept.p50Ms, " ms")}, p99 ${short(accept.p99Ms, " ms")}`,
    `handed off ${short(drain.messagesPerSecond)} messages/s, the first one ${short(drain.waitedS)} s after the provider was back`,
    `${bounded} bounded: ${grouped(memory.secondQuarterMb)} MB at most in the second quarter of the backlog, ${grouped(memory.lastQuarterMb)} MB in the last${bounded === "–" ? ` (only a backlog of ${grouped(TELLS_FROM_MESSAGES)} tells)` : ""}`,
    `${result.lost === 0 ? "✓" : "✗"} ${grouped(result.lost)} lost, ${grouped(result.duplicates)} came twice`,
    ...result.doubts.map((doubt) => `! ${doubt}`),
  ].join("\n");
}
