import { z } from "zod";
import type { Operation } from "../operations/operation.ts";
import { storySchema, summarySchema } from "../stories/story-json.ts";
import {
  attachmentSchema,
  mailboxSchema,
  messageSchema,
  rawMessageSchema,
  templatedMessageSchema,
} from "../submit/message-schema.ts";
import { templateSchema } from "../templates/template-json.ts";
import { acceptedSchema } from "../operations/send.ts";
import { problemSchema } from "./problem-schema.ts";

/** The parts that have a name of their own in the document. */
const NAMED = {
  Mailbox: mailboxSchema,
  Attachment: attachmentSchema,
  Message: messageSchema,
  RawMessage: rawMessageSchema,
  TemplatedMessage: templatedMessageSchema,
  Template: templateSchema,
  Accepted: acceptedSchema,
  MessageSummary: summarySchema,
  MessageStory: storySchema,
  Problem: problemSchema,
};

const PROBLEM = { description: "A problem.", content: { "application/problem+json": { schema: refTo("Problem") } } };
function refTo(name: keyof typeof NAMED) {
  return { $ref: `#/components/schemas/${name}` };
}

type Json = Record<string, unknown>;

/**
 * The OpenAPI 3.1 document, from the very operations the server registers: what is not published is not served.
 * Its schemas are JSON Schema 2020-12 as OpenAPI 3.1 takes them unchanged; requests and responses share none, so there
 * is one form of each.
 */
export function openapiDocument(operations: readonly Operation[], version: string): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  operations.forEach(({ describe }, at) => {
    for (const [type, schema] of Object.entries(describe.request ?? {})) {
      if (schema && !registry.has(schema)) registry.add(schema, { id: `${at} request ${type}` });
    }
    for (const [status, { schema }] of Object.entries(describe.responses)) {
      if (schema && !registry.has(schema)) registry.add(schema, { id: `${at} response ${status}` });
    }
  });
  const { schemas } = z.toJSONSchema(registry, { io: "input", uri: (id) => `#/components/schemas/${id}` });
  const plain = (id: string): Json => {
    const { $schema: _, $id: __, ...schema } = schemas[id] as Json;
    return schema;
  };
  const schemaOf = (schema: z.ZodType): Json => {
    const id = registry.get(schema)!.id;
    return id in NAMED ? refTo(id as keyof typeof NAMED) : plain(id);
  };

  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    (paths[`/v1${operation.path}`] ??= {})[operation.method.toLowerCase()] = described(operation, schemaOf);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Postern",
      version,
      description: "Hand over mail, see what became of it, cancel what still waits.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ apiKey: [] }, { password: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.keys(NAMED).map((name) => [name, plain(name)])),
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "The apiKey of a credential." },
        password: { type: "http", scheme: "basic", description: "The username and password of a credential." },
      },
    },
  };
}

function described({ describe, open }: Operation, schemaOf: (schema: z.ZodType) => Json): Json {
  const { operationId, summary, description, parameters, request, responses, problems } = describe;
  const problemStatuses = [...(open ? [] : [401]), ...problems, 500];
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(open ? { security: [] } : {}),
    ...(parameters ? { parameters: parameters.map(parameterOf) } : {}),
    ...(request ? { requestBody: { required: true, content: contentOf(request, schemaOf) } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(responses).map(([status, response]) => [
          status,
          {
            description: response.description,
            content: { "application/json": response.schema ? { schema: schemaOf(response.schema) } : {} },
          },
        ]),
      ),
      ...Object.fromEntries(problemStatuses.map((status) => [status, PROBLEM])),
      default: PROBLEM,
    },
  };
}

function parameterOf(parameter: NonNullable<Operation["describe"]["parameters"]>[number]): Json {
  const { $schema: _, description, ...schema } = z.toJSONSchema(parameter.schema, { io: "input" }) as Json;
  const told = parameter.description ?? description;
  return {
    name: parameter.name,
    in: parameter.in,
    ...(parameter.required ? { required: true } : {}),
    ...(told === undefined ? {} : { description: told }),
    schema,
  };
}

const contentOf = (request: Record<string, z.ZodType | null>, schemaOf: (schema: z.ZodType) => Json): Json =>
  Object.fromEntries(
    Object.entries(request).map(([type, schema]) => [type, schema === null ? {} : { schema: schemaOf(schema) }]),
  );
