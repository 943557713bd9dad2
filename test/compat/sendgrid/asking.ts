import assert from "node:assert/strict";
import type defaultMail from "@sendgrid/mail";
import type { Call } from "../call.ts";
import { type CompatWorld, DOMAIN } from "../world.ts";

export type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
export type Answer<Body> = { status: number; body: Body };
/** What its client throws. */
export type SendGridFailure = {
  code: number;
  response: { body: { errors: { message: string; field: string | null; help: string | null }[] } };
};

export type SendGridWorld = CompatWorld & {
  mail: typeof defaultMail;
  /** `client.request`; the address may hold a query. */
  ask<Body>(method: Method, url: string, body?: object, qs?: Record<string, string | number>): Promise<Answer<Body>>;
};

export const from = { email: `hello@${DOMAIN}`, name: "Acme" };
export const failureOf = (call: Promise<unknown>): Promise<SendGridFailure> =>
  call.then(
    () => assert.fail("was answered"),
    (error: SendGridFailure) => error,
  );
const notSupported = (error: unknown): boolean => {
  const { code, response } = error as SendGridFailure;
  return code === 403 && /not supported by this server \(Postern\)/.test(response.body.errors[0]!.message);
};
export const refused = (name: string, group: Call["group"], run: () => Promise<unknown>, note = ""): Call => ({
  name,
  group,
  note,
  run,
  refused: notSupported,
});

let count = 0;
/** Each test has readers of its own. */
export const reader = (name: string): string => `${name}-${(count += 1)}@example.com`;
