import { Problem, causeText } from "../../kernel/index.ts";
import { serverUrl } from "../send/post-office.ts";
import type { Run } from "../run.ts";

export type LabProviderRow = {
  name: string;
  kind: string;
  host?: string;
  port?: number;
  url?: string;
  mode: string;
  variant?: string | null;
  webhooks?: string;
  counters: Record<string, number>;
};

/** Asks the lab that runs. Answers are the lab's own JSON. @throws Problem with the lab's code where it refuses. */
export type LabApi = {
  providers(): Promise<LabProviderRow[]>;
  change(path: string, body: object): Promise<Record<string, unknown>>;
};

const TIMEOUT_MS = 30_000;

/**
 * The lab of this folder, or the one --server names.
 * @throws Problem `lab-not-here`, `send-bad-server`, and while asking `server-unreachable`, `server-unknown` or a code of the lab.
 */
export function labApi(run: Run, server: string | undefined): LabApi {
  const base = server === undefined ? ownLab(run) : serverUrl(server);
  async function ask(path: string, init: RequestInit): Promise<Record<string, unknown>> {
    let answer: Response;
    let body: unknown;
    try {
      answer = await fetch(base + path, { ...init, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
      body = await answer.json().catch(() => null);
    } catch (error) {
      throw new Problem(
        "server-unreachable",
        `Nothing answers at ${base}. Start the lab (npm start), or name the right one with --server.`,
        new Error(causeText((error as Error).cause ?? error)),
      );
    }
    if (typeof body === "object" && body !== null) {
      if (answer.ok) return body as Record<string, unknown>;
      const { code, detail } = body as { code?: unknown; detail?: unknown };
      if (typeof code === "string" && typeof detail === "string" && code !== "not-found")
        throw new Problem(code, detail);
    }
    throw new Problem(
      "server-unknown",
      `What answers at ${base} is no lab of Postern (HTTP ${answer.status}). A Postern with a configuration has no lab. Check --server.`,
    );
  }
  return {
    async providers() {
      const { providers } = await ask("/lab/api/providers", { method: "GET" });
      return Array.isArray(providers) ? (providers as LabProviderRow[]) : [];
    },
    change: (path, body) =>
      ask(`/lab/providers/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
  };
}

function ownLab(run: Run): string {
  const { lab, listen } = run.settings();
  if (!lab) {
    throw new Problem(
      "lab-not-here",
      "There is a configuration here, and with one Postern has no lab. Name a lab that runs with --server, such as http://127.0.0.1:8025.",
    );
  }
  if (listen.http.port === 0) {
    throw new Problem(
      "lab-not-here",
      "POSTERN_HTTP_PORT is 0, so the lab is at any port. Name it with --server: the start of the lab says where.",
    );
  }
  return `http://${listen.http.host}:${listen.http.port}`;
}
