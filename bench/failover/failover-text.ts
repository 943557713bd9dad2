import { bars, grouped, short, table } from "../show/table.ts";
import type { Tally } from "./book.ts";
import { LATE_MS } from "./book.ts";
import type { FailoverResult } from "./failover.ts";

/** A time of a fault: "never" is an answer, not a gap. */
const seconds = (ms: number | null): string => (ms === null ? "never" : `${short(ms / 1_000)} s`);

export const resultLine = (fault: string, title: string, told: Tally): string =>
  `${fault}, ${title}: mail flows again after ${seconds(told.flowsAgainMs)}, ${grouped(told.lost)} of ${grouped(told.given)} lost, ${told.duplicates} twice`;

export function failoverText(result: FailoverResult): string {
  const { machine, pace, systems, faults } = result;
  const names = systems.map(({ title }) => title);
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node.js ${machine.node}`,
    `${grouped(pace.perSecond * 60)} messages a minute to each; the fault lasts ${pace.faultMs / 1_000} s and begins for all at once.`,
    "",
    ...systems.map(({ title, made, name }) => {
      const version = faults[0]?.outcomes[name]?.version;
      return `${title}: ${made}${version === undefined ? "" : ` (${version})`}`;
    }),
    ...faults.flatMap(({ name, says, outcomes }) => [
      "",
      `${name}: the primary ${says}`,
      "",
      table(
        ["", ...names],
        ROWS.map(([title, cell]) => [title, ...systems.map((system) => cell(outcomes[system.name]!, system.spreads))]),
      ),
      "",
      bars(
        systems.map((system) => {
          const { lost, given } = outcomes[system.name]!;
          return { name: system.title, value: lost, note: `${grouped(lost)} of ${grouped(given)} lost` };
        }),
      ),
    ]),
    "",
    `“Flows again”: from then on, until the fault ended, each message was at the receiver within ${LATE_MS / 1_000} s. “Refused”: the application was shown an error.`,
  ].join("\n");
}

type Cell = (told: Tally, spreads: boolean) => string;
const ROWS: readonly (readonly [title: string, cell: Cell])[] = [
  ["mail flows again after", (told) => seconds(told.flowsAgainMs)],
  ["first by the standby", (told, spreads) => (spreads ? "always some" : seconds(told.firstByStandbyMs))],
  ["given", (told) => grouped(told.given)],
  ["accepted, never arrived", (told) => grouped(told.lost)],
  ["  of accepted", (told) => `${short(told.accepted === 0 ? 0 : (100 * told.lost) / told.accepted)} %`],
  ["refused", (told) => grouped(told.refused)],
  ["twice", (told) => grouped(told.duplicates)],
  ["copies at most", (told) => String(told.mostCopies)],
  ["late", (told) => grouped(told.late)],
  ["slowest", (told) => seconds(told.slowestMs)],
];
