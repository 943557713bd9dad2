import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { problem, problemAnswer } from "../problem.ts";
import type { Operation } from "./operation.ts";

/** The one list of codes: `| code | where | meaning | what to do |`. */
const FAILURES = new URL("../../../../docs/failures.md", import.meta.url);

const explanationSchema = z
  .strictObject({ code: z.string(), where: z.string(), meaning: z.string(), whatToDo: z.string() })
  .describe("A code of a problem, explained.");
type Explanation = z.infer<typeof explanationSchema>;

/** `type` of a problem leads here. Without credentials: whoever got a 401 wants to read what it means. */
export function explainProblemOperation(file: URL = FAILURES): Operation {
  let explanations: ReadonlyMap<string, Explanation> | undefined;
  return {
    method: "GET",
    path: "/problems/{code}",
    open: true,
    describe: {
      operationId: "explainProblem",
      summary: "What the code of a problem means",
      parameters: [{ in: "path", name: "code", required: true, schema: z.string() }],
      responses: { 200: { description: "The explanation.", schema: explanationSchema } },
      problems: [404],
    },
    handle({ params }) {
      explanations ??= readExplanations(file);
      const found = explanations.get(params["code"]!);
      return found
        ? { status: 200, body: found }
        : problemAnswer(problem(404, "not-found", "There is no problem with this code. The list is docs/failures.md."));
    },
  };
}

function readExplanations(file: URL): ReadonlyMap<string, Explanation> {
  if (!existsSync(file)) return new Map(); // installed without its docs
  const rows = readFileSync(file, "utf8").matchAll(/^\| *`?([a-z0-9-]+)`? *\|([^|]*)\|([^|]*)\|([^|]*)\|/gm);
  return new Map(
    [...rows].map(([, code, where, meaning, whatToDo]) => [
      code!,
      { code: code!, where: where!.trim(), meaning: meaning!.trim(), whatToDo: whatToDo!.trim() },
    ]),
  );
}
