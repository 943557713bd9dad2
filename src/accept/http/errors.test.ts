import assert from "node:assert/strict";
import { test } from "node:test";
import type { FastifyRequest } from "fastify";
import { silentLog, systemRandom } from "../../kernel/index.ts";
import { databaseProblem, questionProblem } from "../../store/index.ts";
import { errorAnswer } from "./errors.ts";
import type { ProblemDocument } from "./problem.ts";

const answerTo = (error: unknown) => {
  const request = { routeOptions: { url: "/v1/messages" } } as FastifyRequest;
  const { status, body, headers } = errorAnswer(error, request, { log: silentLog, random: systemRandom });
  return `${status} ${(body as ProblemDocument).code} ${String(headers?.["retry-after"])}`;
};

test("a question whose time is over, or that found no free connection, may be asked again", () => {
  const canceled = Object.assign(new Error("canceling statement due to statement timeout"), { code: "57014" });
  const noneFree = new Error("timeout exceeded when trying to connect");
  for (const error of [canceled, noneFree]) assert.equal(answerTo(questionProblem(error)), "503 question-too-slow 5");
});

test("an outage of the database is one for questions too, and a fault of ours has a reference", () => {
  const gone = Object.assign(new Error("x"), { code: "57P01" });
  for (const problemOf of [questionProblem, databaseProblem]) {
    assert.equal(answerTo(problemOf(gone)), "503 database-unavailable 5");
  }
  assert.equal(answerTo(questionProblem(new Error("x"))), "500 internal-error undefined");
});
