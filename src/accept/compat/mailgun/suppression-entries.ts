import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { parseMailbox } from "../../../mail/index.ts";
import { readCsv } from "./csv.ts";
import { type Fault, fault, isFault, notSupported } from "./dialect.ts";
import { formOf, sentJson } from "./form-of.ts";

/** An address to be put on a list, and what is said about it. `created_at` is not taken: it is put there now. */
export type Entry = { address: string; reason: string };

const MOST_AT_ONCE = 1_000;
const MOST_IN_A_FILE = 10_000;
const text = z.union([z.string(), z.number()]).nullish();
const entryShape = z.looseObject({
  address: z.string(),
  code: text,
  error: text,
  tag: text,
  tags: z.union([z.string(), z.array(z.string())]).nullish(),
});

/** A list in JSON, or one entry as a form. */
export async function sentEntries(request: FastifyRequest): Promise<Entry[] | Fault> {
  const json = sentJson(request);
  if (json !== undefined) {
    if (!Array.isArray(json) || json.length === 0) return fault(400, "The body must be a list of records");
    return json.length > MOST_AT_ONCE ? fault(400, "Batch size should be less than 1000") : readEntries(json);
  }
  const form = await formOf(request);
  if (isFault(form)) return form;
  if (!form.text.has("address")) return fault(400, "Missing mandatory parameter: address");
  return readEntries([Object.fromEntries([...form.text].map(([name, [value]]) => [name, value]))]);
}

/** A CSV file, whose first line says what is in which column. */
export async function sentFile(request: FastifyRequest): Promise<Record<string, string>[] | Fault> {
  const form = await formOf(request);
  if (isFault(form)) return form;
  const [file] = form.files;
  if (!file) return fault(400, "Missing mandatory parameter: file");
  const rows = readCsv(file.content.toString("utf8"));
  if (rows === null || rows.length === 0) return fault(400, "while reading csv header");
  return rows.length > MOST_IN_A_FILE ? notSupported(`A file of more than ${MOST_IN_A_FILE} lines`) : rows;
}

export function readEntries(given: readonly unknown[]): Entry[] | Fault {
  const entries: Entry[] = [];
  for (const one of given) {
    const read = entryShape.safeParse(one);
    if (!read.success || !parseMailbox(read.data.address))
      return fault(400, "'address' parameter is not a valid address");
    const { address, code, error, tag, tags } = read.data;
    const tagged = [tag, ...(Array.isArray(tags) ? tags : (tags ?? "").split(","))].map((name) =>
      String(name ?? "").trim(),
    );
    if (tagged.some((name) => name !== "" && name !== "*")) return notSupported("Unsubscribing from one tag alone");
    const reason = [code, error].flatMap((part) =>
      part === null || part === undefined || part === "" ? [] : String(part),
    );
    entries.push({
      address,
      reason: reason
        .join(" ")
        .replace(/[\s\p{Cc}]+/gu, " ")
        .slice(0, 500),
    });
  }
  return entries;
}
