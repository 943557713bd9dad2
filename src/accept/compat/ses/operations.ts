import { accountOperations } from "./account.ts";
import { sendBulk } from "./bulk.ts";
import type { SesOperation } from "./call.ts";
import { insights } from "./insights.ts";
import { sendEmail } from "./send.ts";
import { suppressionOperations } from "./suppressions.ts";
import { templateOperations } from "./templates.ts";

const OPERATIONS: readonly SesOperation[] = [
  sendEmail,
  sendBulk,
  insights,
  ...templateOperations,
  ...suppressionOperations,
  ...accountOperations,
];

/** The operation a request asks for, and what stands in its path; null where there is none. */
export function operationOf(method: string, path: string): { operation: SesOperation; name: string } | null {
  const given = path.split("/");
  for (const operation of OPERATIONS) {
    if (operation.method !== method) continue;
    const parts = operation.path.split("/");
    const isIt = parts.length === given.length && parts.every((part, n) => part === given[n] || part === "{}");
    const name = unescaped(given[parts.indexOf("{}")] ?? "");
    if (isIt && name !== null && (name !== "" || !parts.includes("{}"))) return { operation, name };
  }
  return null;
}

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
