import { ConfigMistakes } from "../config/index.ts";
import { Problem, causeText } from "../kernel/index.ts";
import { printable, wrap } from "./text.ts";
import { EXIT, type World, textWidth } from "./world.ts";

/** Anything thrown, as what the person at the terminal reads and the shell gets. */
export function failureOf(error: unknown, world: Pick<World, "err" | "environment">): { text: string; code: number } {
  if (error instanceof ConfigMistakes) return { text: error.publicMessage, code: EXIT.mistaken };
  const width = textWidth(world.err);
  const paragraph = (text: string) =>
    wrap(printable(text), width - 2)
      .map((line) => `  ${line}`)
      .join("\n");
  if (error instanceof Problem) {
    const cause = error.cause === undefined ? [] : [paragraph(`Cause: ${causeText(error.cause)}`)];
    return { text: [error.code, paragraph(error.publicMessage), ...cause].join("\n"), code: EXIT.failed };
  }
  if (error instanceof Error && refusedByDatabase(error)) {
    const sentence = `The database refused: ${error.message}. Check user, password and name in database.url, and the server's pg_hba.conf.`;
    return { text: ["database-refused", paragraph(sentence)].join("\n"), code: EXIT.failed };
  }
  const known = systemSentence(error);
  if (known !== null) return { text: ["system-refused", paragraph(known)].join("\n"), code: EXIT.failed };
  const wanted = ["debug", "trace"].includes(world.environment["POSTERN_LOG_LEVEL"] ?? "");
  const trace = wanted && error instanceof Error && error.stack ? [error.stack] : [];
  return {
    text: [
      "internal-error",
      paragraph(`${causeText(error)}. This is a fault in Postern; POSTERN_LOG_LEVEL=debug shows where it happened.`),
      ...trace,
    ].join("\n"),
    code: EXIT.failed,
  };
}

/** SQLSTATEs by which a server says that it is there and that we may not in (PostgreSQL 18, appendix A). */
function refusedByDatabase(error: unknown): boolean {
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return typeof code === "string" && severity !== undefined && /^(?:28...|3D000|42501)$/.test(code);
}

/** What the system refuses often enough to deserve words: rights and room on the disk. */
function systemSentence(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code, path: file, syscall } = error as NodeJS.ErrnoException;
  if (file === undefined) return null;
  switch (code) {
    case "EACCES":
    case "EPERM":
      return `This user may not use ${file} (${syscall ?? code}). Start as the user it belongs to, give this user access, or name another data folder (data: in postern.yaml, POSTERN_DATA in the lab).`;
    case "EROFS":
      return `${file} is on a file system that is mounted read-only. Name another data folder (data: in postern.yaml, POSTERN_DATA in the lab).`;
    case "ENOSPC":
      return `The disk that holds ${file} is full. Free space and start again.`;
    case "ENOTDIR":
    case "EEXIST":
      return `${file} is in the way: a folder is needed there (${code}).`;
    default:
      return null;
  }
}
