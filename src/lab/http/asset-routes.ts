import { readFileSync } from "node:fs";
import path from "node:path";
import type { FastifyInstance } from "fastify";

const CSS = "text/css; charset=utf-8";
const ASSETS = [
  ["base.css", CSS],
  ["inbox.css", CSS],
  ["providers.css", CSS],
  ["message.css", CSS],
  ["insider.css", CSS],
  ["assurance.css", CSS],
  ["lab.js", "text/javascript; charset=utf-8"],
  ["icon.svg", "image/svg+xml"],
] as const;
const FOLDER = path.join(import.meta.dirname, "../pages");

/** The pages' style sheet, script and icon: files of their own, because the pages' policy allows nothing inline. */
export function assetRoutes(lab: FastifyInstance): void {
  for (const [file, type] of ASSETS) {
    const text = readFileSync(path.join(FOLDER, file), "utf8");
    lab.get(`/assets/${file}`, async (_request, reply) =>
      reply.type(type).header("cache-control", "no-cache").send(text),
    );
  }
}
