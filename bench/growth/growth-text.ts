import { bars, grouped, short, table } from "../show/table.ts";
import type { GrowthResult } from "./growth.ts";
import type { Row } from "./stage.ts";

export function growthText({ machine, backlog, processes, sizes }: GrowthResult): string {
  return [
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node.js ${machine.node}, queues on ${machine.fileSystem}`,
    ...part(
      "With what waits: new mail while so many wait for tomorrow, and how fast they go once all are due",
      ["waiting", "new mail/s", "accept p99", "CPU/message", "memory", "due mail/s"],
      backlog,
      (row) => [grouped(row.waiting), ...figures(row), short(row.drainedPerSecond)],
    ),
    ...part(
      `With Postern processes on one PostgreSQL and ${machine.cores} cores, load and sink included`,
      ["processes", "messages/s", "accept p99", "CPU/message", "memory"],
      processes,
      (row) => [String(row.processes), ...figures(row)],
    ),
    ...part(
      "With the size of a message",
      ["octets", "messages/s", "accept p99", "CPU/message", "memory", "MB/s"],
      sizes,
      (row) => [grouped(row.octets), ...figures(row), short(row.megabytesPerSecond)],
    ),
  ].join("\n");
}

function part<One extends Row>(
  title: string,
  titles: readonly string[],
  rows: readonly One[],
  cells: (row: One) => string[],
): string[] {
  if (rows.length === 0) return [];
  const wrong = rows.flatMap((row) => {
    const name = cells(row)[0]!;
    return [
      ...(row.lost + row.duplicates > 0 ? [`! ${name}: ${row.lost} lost, ${row.duplicates} came twice`] : []),
      ...row.doubts.map((doubt) => `! ${name}: ${doubt}`),
    ];
  });
  const values = rows.map((row) => ({ name: cells(row)[0]!, value: row.messagesPerSecond }));
  return ["", title, table(titles, rows.map(cells)), "", bars(values), ...wrong];
}

const figures = (row: Row): string[] => [
  short(row.messagesPerSecond),
  short(row.acceptP99Ms, " ms"),
  short(row.cpuMsPerMessage, " ms"),
  short(row.peakMemoryMb, " MB"),
];
