import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";
import { durationMs } from "../kernel/index.ts";
import { folder, load } from "./config-for-tests.ts";
import {
  DEFAULT_LIMITS,
  DEFAULT_RETENTION,
  type Environment,
  LIMIT_BOUNDS,
  PROVIDER_BOUNDS,
  PROVIDER_DEFAULTS,
  RETENTION_BOUNDS,
  STREAM_TTL_BOUNDS,
  warningsOf,
} from "./index.ts";
import { fileShape, providerShapes } from "./shape.ts";
import { size } from "./values.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const CERTIFICATES = path.join(ROOT, "test/support/tls");
const PAGE = readFileSync(path.join(ROOT, "docs/configuration.md"), "utf8");
const SAMPLE = readFileSync(path.join(ROOT, "docs/postern.example.yaml"), "utf8");

/** Every setting as the page writes it: `tenants[].routes.*.prefer`. */
function settingsOf(shape: z.core.$ZodType, at: string): string[] {
  if (shape instanceof z.ZodOptional || shape instanceof z.ZodNullable) return settingsOf(shape.unwrap(), at);
  if (shape instanceof z.ZodArray) return settingsOf(shape.element, `${at}[]`);
  if (shape instanceof z.ZodRecord) return settingsOf(shape.valueType, `${at}.*`);
  if (!(shape instanceof z.ZodObject)) return [];
  return Object.entries(shape.shape).flatMap(([key, value]) => {
    const here = at === "" ? key : `${at}.${key}`;
    return [here, ...settingsOf(value as z.core.$ZodType, here)];
  });
}
const NOWHERE = { environment: {}, folder: "" };
/** Which shape a provider has is said by its kind; `settingsOf` cannot look into that choice. */
const PROVIDERS = Object.values(providerShapes(NOWHERE)).flatMap((shape) => settingsOf(shape, "providers[]"));
const SETTINGS = [...new Set([...settingsOf(fileShape(NOWHERE), ""), ...PROVIDERS])];

describe("docs/configuration.md", () => {
  test("has a row for every setting, and for no other", () => {
    const rows = [...rowsOf(PAGE).keys()].filter((name) => !/^[A-Z_]+$/.test(name));
    assert.deepEqual(rows.toSorted(), SETTINGS.toSorted());
  });

  test("says of each number what it is when left out, and between which others it may be", () => {
    const rows = rowsOf(PAGE);
    for (const [name, { usual, bounds, read }] of numbers()) {
      const [, usualCell = "", boundsCell = ""] = rows.get(name)!;
      if (usual !== undefined) assert.deepEqual(quoted(usualCell).map(read), [usual], name);
      assert.deepEqual(quoted(boundsCell).map(read), [...bounds], name);
    }
  });
});

describe("docs/postern.example.yaml", () => {
  const everything = (text: string): string =>
    text
      .replaceAll(/^( *)#(?=\S| {2}\S)/gm, "$1")
      .replaceAll("tls/fullchain.pem", path.join(CERTIFICATES, "localhost.crt"))
      .replaceAll("tls/privkey.pem", path.join(CERTIFICATES, "localhost.key"))
      .replaceAll("tls/harbour-ca.pem", path.join(CERTIFICATES, "localhost.crt"));

  test("loads without a mistake or a warning, given the environment it names", () => {
    const settings = load(SAMPLE, environmentFor(SAMPLE));
    assert.deepEqual(warningsOf(settings), []);
    assert.equal(settings.dataFolder, path.join(folder, "data"));
    assert.deepEqual(settings.limits, DEFAULT_LIMITS);
    assert.deepEqual(settings.retention, DEFAULT_RETENTION);
  });

  test("loads without a mistake when everything that is off in it is set", () => {
    const text = everything(SAMPLE);
    const settings = load(text, environmentFor(text));
    assert.equal(settings.database.kind, "server");
    assert.equal(settings.listen.smtps?.port, 4465);
    assert.equal(settings.tenants[0]?.credentials.length, 2);
  });

  test("shows every setting", () => {
    const text = everything(SAMPLE);
    const shown = SETTINGS.filter((name) => new RegExp(`\\b${name.split(/[.\]]/).at(-1)}:`).test(text));
    assert.deepEqual(shown, SETTINGS);
  });
});

/** A value of the right form for each variable a file names. */
function environmentFor(text: string): Environment {
  const values: Record<string, string> = {
    DATABASE_URL: "postgres://postern:pw@db.internal/postern",
    POSTERN_BODY_KEY: "ab".repeat(32),
    SLACK_WEBHOOK: "https://hooks.slack.example/T1/B2/c3",
    ACME_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
  };
  const names = [...text.matchAll(/\benv:([A-Z_]+)/g)].map((match) => match[1]!);
  return Object.fromEntries(names.map((name) => [name, values[name] ?? `a-long-value-of-${name}`]));
}

/** Rows of tables whose first cell is one name in backticks, by that name. */
const rowsOf = (page: string): Map<string, string[]> =>
  new Map(
    page.split("\n").flatMap((line) => {
      const name = /^\| *`([^`]+)` *\|/.exec(line)?.[1];
      return name === undefined ? [] : [[name, line.split("|").slice(2, -1)] as const];
    }),
  );

const quoted = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

type Documented = { usual: number | undefined; bounds: readonly [number, number]; read: (text: string) => number };

/** Settings with a default or bounds in defaults.ts. */
function numbers(): Map<string, Documented> {
  const bytes = (text: string) => size([0, Number.MAX_SAFE_INTEGER]).parse(text);
  const ms = (text: string) => (text === "0" ? 0 : durationMs(text)!);
  const found = new Map<string, Documented>();
  for (const [name, bounds] of Object.entries(LIMIT_BOUNDS)) {
    const usual = DEFAULT_LIMITS[name as keyof typeof LIMIT_BOUNDS];
    const read = name.endsWith("Bytes") ? bytes : name.endsWith("Ms") ? ms : Number;
    found.set(`limits.${name.replace(/Ms$/, "")}`, { usual, bounds, read });
  }
  for (const [name, bounds] of Object.entries(PROVIDER_BOUNDS)) {
    const defaults: Record<string, unknown> = { ...PROVIDER_DEFAULTS.bounds, ...PROVIDER_DEFAULTS };
    const usual = defaults[name];
    const read = name.endsWith("Ms") ? ms : Number;
    found.set(`providers[].${name.replace(/Ms$/, "")}`, {
      usual: typeof usual === "number" ? usual : undefined,
      bounds,
      read,
    });
  }
  for (const [name, usual] of Object.entries(DEFAULT_RETENTION.bodyMs)) {
    const bounds = name === "C0" ? RETENTION_BOUNDS.secretBodyMs : RETENTION_BOUNDS.bodyMs;
    found.set(`retention.body.${name}`, { usual, bounds, read: ms });
  }
  const { messageRowMs, idempotencyMs } = DEFAULT_RETENTION;
  found.set("retention.messageRow", { usual: messageRowMs, bounds: RETENTION_BOUNDS.messageRowMs, read: ms });
  found.set("retention.idempotency", { usual: idempotencyMs, bounds: RETENTION_BOUNDS.idempotencyMs, read: ms });
  found.set("tenants[].streams[].ttl", { usual: undefined, bounds: STREAM_TTL_BOUNDS, read: ms });
  return found;
}
