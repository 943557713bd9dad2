import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../kernel/index.ts";
import { databaseProblem, isDatabaseAway, isDatabaseFull, isRefused } from "./problems.ts";

const codeOf = (error: unknown) => {
  const told = databaseProblem(error);
  return told instanceof Problem ? told.code : null;
};
const withCode = (code: string, message = "x") => Object.assign(new Error(message), { code });

test("a server that goes, is starting, is full of sessions or cannot be reached is away", () => {
  for (const error of [
    withCode("57P01"), // admin_shutdown
    withCode("57P02"), // crash_shutdown
    withCode("57P03"), // cannot_connect_now
    withCode("57P05"), // idle_session_timeout
    withCode("53300"), // too_many_connections
    withCode("08006"), // connection_failure
    withCode("08003"),
    withCode("08P01"),
    withCode("ECONNREFUSED"),
    withCode("ECONNRESET"),
    withCode("ENOENT"), // the socket of a server that is not there
    withCode("EPIPE"),
    withCode("ETIMEDOUT"),
    new Error("Connection terminated unexpectedly"),
    new Error("Connection terminated due to connection timeout"),
    new Error("timeout expired"), // a connection that is taken and never answered
    new Error("timeout exceeded when trying to connect"),
    new Error("Client has encountered a connection error and is not queryable"),
    new Error("Query read timeout"),
    new Error("Client was closed and is not queryable"),
  ]) {
    assert.equal(codeOf(error), "database-unavailable", error.message);
    assert.ok(isDatabaseAway(databaseProblem(error)));
  }
});

test("a disk that is full or fails has its own code", () => {
  for (const code of ["53100", "58030"]) {
    assert.equal(codeOf(withCode(code)), "database-disk-full");
    assert.ok(isDatabaseFull(databaseProblem(withCode(code))));
  }
});

test("a fault of a statement is told as it is", () => {
  for (const error of [
    withCode("23505"),
    withCode("42P01"),
    withCode("40001"),
    withCode("57014"),
    new Error("x"),
    "text",
    null,
    undefined,
  ]) {
    assert.equal(databaseProblem(error), error);
    assert.ok(!isDatabaseAway(error) && !isDatabaseFull(error));
  }
});

test("values that a server will never take, or that cannot be written, are told from what may go well the next time", () => {
  const refused = [withCode("22P05"), withCode("22021"), withCode("23505"), withCode("54000"), new RangeError("x")];
  for (const error of refused) assert.ok(isRefused(error), String((error as { code?: string }).code));
  const passing = ["40P01", "40001", "57014", "25006", "53200", "42P01", "57P01"].map((code) => withCode(code));
  for (const error of [...passing, databaseProblem(withCode("57P01")), new Error("x"), null])
    assert.ok(!isRefused(error));
});

test("a problem is not wrapped again; what was wrapped is its cause, and no text of it reaches a client", () => {
  const cause = withCode("57P01", "terminating connection: secret detail");
  const problem = databaseProblem(cause) as Problem;
  assert.equal(databaseProblem(problem), problem);
  assert.equal(problem.cause, cause);
  assert.ok(!problem.publicMessage.includes("secret detail"));
});
