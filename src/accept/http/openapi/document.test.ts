import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { z } from "zod";
import { type TestDoor, refusal, startTestDoor } from "../../../../test/support/http-door.ts";
import { EVENT, ID, STORY } from "../../../../test/support/message-story.ts";

type Schema = Record<string, unknown>;
type Operation = {
  operationId: string;
  requestBody?: { content: Record<string, { schema?: Schema }> };
  responses: Record<string, { content: Record<string, { schema?: Schema }> }>;
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

let door: TestDoor;
let document: Document;
const routes: string[] = [];
before(async () => {
  door = await startTestDoor({
    extras: [
      (server) => {
        server.addHook("onRoute", ({ method, url }) => {
          for (const one of [method].flat()) routes.push(`${one} ${url.replace(/:(\w+)/g, "{$1}")}`);
        });
      },
    ],
  });
  document = (await (await fetch(`${door.url}/v1/openapi.json`)).json()) as Document;
});
after(() => door.stop());

test("is a valid OpenAPI 3.1 document", async () => {
  assert.match(document.openapi, /^3\.1\./);
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document) as unknown as Schema);
  assert.ok(valid, JSON.stringify(errors));
});

test("names every operation the server has, and no other", () => {
  const published = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.ok(routes.length > 10, "the server told its routes");
  const served = new Set(routes);
  for (const one of published) assert.ok(served.has(one), `${one} is published and not served`);
  // Those that answer 405 are registered too: what is served is what answers anything else.
  const paths = new Set(Object.keys(document.paths));
  for (const route of served) assert.ok(paths.has(route.split(" ")[1]!), `${route} is served and not published`);
});

test("promises no address grammar of another library and no second form of a schema", () => {
  const text = JSON.stringify(document);
  assert.doesNotMatch(text, /"format":"email"|\(\?!\\\\\.\)/);
  assert.deepEqual(Object.keys(document.components.schemas).toSorted(), [
    "Accepted",
    "Attachment",
    "Mailbox",
    "Message",
    "MessageStory",
    "MessageSummary",
    "Problem",
    "RawMessage",
    "Template",
    "TemplatedMessage",
  ]);
  for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
    assert.ok(Object.hasOwn(document.components.schemas, name!), `${name} is referred to and not there`);
  }
});

/** A schema of the document as a reader of the document would use it. */
function readBack(schema: Schema): z.ZodType {
  const whole = { ...schema, $defs: document.components.schemas };
  return z.fromJSONSchema(
    JSON.parse(JSON.stringify(whole).replaceAll('"#/components/schemas/', '"#/$defs/')) as Schema,
  );
}

test("what the server answers and takes is what the document says", async () => {
  const problemsWith = (schema: Schema, value: unknown): string | undefined =>
    readBack(schema).safeParse(value).error?.message;
  const validate = (schema: Schema, value: unknown, what: string) =>
    assert.equal(problemsWith(schema, value), undefined, `${what}: ${JSON.stringify(value)}`);
  const seen = new Set<string>();
  const check = async (operationId: string, response: Response) => {
    const operation = Object.values(document.paths)
      .flatMap(Object.values)
      .find((one: Operation) => one.operationId === operationId) as Operation;
    const described = operation.responses[response.status];
    assert.ok(described, `${operationId} answered ${response.status}, which it does not publish`);
    const [type] = response.headers.get("content-type")!.split(";");
    const { schema } = described.content[type!]!;
    const body: unknown = await response.json();
    if (schema) validate(schema, body, `${operationId} ${response.status}`);
    seen.add(`${operationId} ${response.status}`);
  };

  const message = {
    from: { email: "a@acme.test", name: "A" },
    to: ["Ada <ada@example.com>"],
    subject: "Hi",
    text: "x",
    tags: { a: "b" },
  };
  const request = document.paths["/v1/messages"]!["post"]!.requestBody!.content["application/json"]!.schema!;
  validate(request, message, "a request that is taken");
  assert.notEqual(problemsWith(request, { ...message, subjcet: 1 }), undefined);

  await check("sendMessage", await door.post("/v1/messages", message));
  await check("sendMessage", await door.post("/v1/messages", { ...message, to: ["x"], more: 1 }));
  await check("sendMessage", await door.post("/v1/messages", "{"));
  await check("sendMessage", await door.post("/v1/messages", "x", { "content-type": "text/csv" }));
  await check("sendMessage", await fetch(`${door.url}/v1/messages`, { method: "POST" }));
  door.port.answers.push(refusal("queue-full", 503, 30));
  await check("sendMessage", await door.post("/v1/messages", message));
  door.port.answers.push(new Error("unforeseen"));
  await check("sendMessage", await door.post("/v1/messages", message));
  await check("sendMessages", await door.post("/v1/messages/batch", { messages: [message, { ...message, html: 1 }] }));
  await check("listMessages", await door.ask("/v1/messages?limit=x"));
  door.story.page = { messages: [STORY], next: ID };
  await check("listMessages", await door.ask("/v1/messages"));
  await check("getMessage", await door.ask(`/v1/messages/${ID}`));
  door.story.found = STORY;
  await check("getMessage", await door.ask(`/v1/messages/${ID}`));
  await check("cancelMessage", await door.ask(`/v1/messages/${ID}/cancel`, { method: "POST" }));
  door.story.cancel = "ended";
  await check("cancelMessage", await door.ask(`/v1/messages/${ID}/cancel`, { method: "POST" }));
  await check("listEvents", await door.ask("/v1/events?kind=none"));
  door.story.events = { events: [EVENT], next: { at: 1, key: `${ID}e${"0".repeat(24)}` } };
  await check("listEvents", await door.ask("/v1/events"));
  const reschedule = () => door.post(`/v1/messages/${ID}/reschedule`, { sendAt: "2026-03-01T09:30:00Z" });
  await check("rescheduleMessage", await reschedule());
  door.story.reschedule = "not-applicable";
  await check("rescheduleMessage", await reschedule());
  await check("addSuppression", await door.post("/v1/suppressions", { address: "ada@example.com" }));
  await check("addSuppression", await door.post("/v1/suppressions", { address: "x" }));
  await check("removeSuppressions", await door.post("/v1/suppressions/remove", { kind: "bounced" }));
  await check("removeSuppressions", await door.post("/v1/suppressions/remove", {}));
  await check("listSuppressions", await door.ask("/v1/suppressions"));
  for (const _ of ["there", "gone"]) {
    await check("removeSuppression", await door.ask("/v1/suppressions/ada@example.com", { method: "DELETE" }));
  }
  const put = (name: string, body: object) =>
    door.ask(`/v1/templates/${name}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const template = { dialect: "handlebars", subject: "Hi", text: "{{#each xs}}{{this}}{{/each}}", aliases: ["other"] };
  for (const one of [template, template, { text: "{{" }, { more: 1 }]) await check("putTemplate", await put("hi", one));
  await check("putTemplate", await put("taken", { ...template, aliases: ["hi"] }));
  const templated = { from: "a@acme.test", to: ["ada@example.com"], template: { name: "hi", data: { xs: [1] } } };
  validate(request, templated, "a message made of a template");
  await check("sendMessage", await door.post("/v1/messages", templated));
  await check("listTemplates", await door.ask("/v1/templates"));
  await check("getTemplate", await door.ask("/v1/templates/hi"));
  await check("getTemplate", await door.ask("/v1/templates/none"));
  await check("renderTemplate", await door.post("/v1/templates/hi/render", { data: {} }));
  await check("renderTemplate", await door.post("/v1/templates/hi/render", { data: { xs: [[1]] } }));
  for (const _ of ["there", "gone"]) {
    await check("removeTemplate", await door.ask("/v1/templates/hi", { method: "DELETE" }));
  }
  await check("getAssurance", await door.ask("/v1/assurance"));
  for (const name of ["alerts", "none"])
    await check("getStreamAssurance", await door.ask(`/v1/assurance/streams/${name}`));
  for (const name of ["harbour", "none"])
    await check("getProviderAssurance", await door.ask(`/v1/assurance/providers/${name}`));
  await check("explainProblem", await fetch(`${door.url}/v1/problems/there-is-none`));
  await check("getOpenapi", await fetch(`${door.url}/v1/openapi.json`));
  for (const operation of Object.values(document.paths).flatMap(Object.values) as Operation[]) {
    assert.ok(
      [...seen].some((one) => one.startsWith(`${operation.operationId} `)),
      `${operation.operationId} was not tried`,
    );
  }
});
