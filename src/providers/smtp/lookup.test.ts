import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import { type TestContext, test } from "node:test";
import { virtualClock } from "../../../test/support/virtual-clock.ts";
import { type AttemptId, type Clock, systemClock } from "../../kernel/index.ts";
import { askActivity } from "./lookup.ts";

const ATTEMPT = "a/b c&d" as AttemptId;

async function serve(context: TestContext, answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/activity`;
}

const ask = (url: string, clock: Clock = systemClock) => askActivity(url, ATTEMPT, clock);

test("taken and not taken are told apart, and the attempt is named in the query", async (context) => {
  const asked: string[] = [];
  let taken = true;
  const url = await serve(context, (request, response) => {
    asked.push(String(new URL(`http://x${request.url}`).searchParams.get("attempt")));
    response.end(JSON.stringify({ taken }));
  });
  assert.equal(await ask(url), "taken");
  taken = false;
  assert.equal(await ask(`${url}?account=7`), "unknown");
  assert.deepEqual(asked, [ATTEMPT, ATTEMPT]);
});

test("anything else is no answer", async (context) => {
  for (const body of ["", "yes", "[]", "null", '{"taken":"true"}', '{"taken":1}', "{}", '{"taken":true']) {
    const url = await serve(context, (_request, response) => response.end(body));
    assert.equal(await ask(url), "unavailable", body);
  }
  for (const status of [204, 302, 404, 500]) {
    const url = await serve(context, (_request, response) => {
      response.writeHead(status, { location: "/elsewhere" }).end('{"taken":true}');
    });
    assert.equal(await ask(url), "unavailable", String(status));
  }
  assert.equal(await ask("http://127.0.0.1:1/"), "unavailable");
});

test("a redirect is not followed", async (context) => {
  let followed = false;
  const url = await serve(context, (request, response) => {
    followed ||= request.url!.startsWith("/elsewhere");
    if (followed) response.end('{"taken":true}');
    else response.writeHead(307, { location: "/elsewhere" }).end();
  });
  assert.equal(await ask(url), "unavailable");
  assert.equal(followed, false);
});

test("an answer too long, and one that never ends, are given up", async (context) => {
  const long = await serve(context, (_request, response) => response.end(`{"taken":true}${" ".repeat(70_000)}`));
  assert.equal(await ask(long), "unavailable");
  const clock = virtualClock();
  let isAsked = () => {};
  const asked = new Promise<void>((resolve) => (isAsked = resolve));
  const silent = await serve(context, () => isAsked());
  const answer = ask(silent, clock);
  await asked;
  await clock.advance(5_000);
  assert.equal(await answer, "unavailable");
});
