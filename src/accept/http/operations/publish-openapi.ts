import { openapiDocument } from "../openapi/document.ts";
import type { Operation } from "./operation.ts";

/** Of the interface, not of the program: rises with each change a client can see. */
const INTERFACE_VERSION = "1.0.0";

/** Publishes `others` and itself. Open: it holds nothing that is not in the documentation. */
export function publishOpenapiOperation(others: readonly Operation[]): Operation {
  let document: Record<string, unknown> | undefined;
  const self: Operation = {
    method: "GET",
    path: "/openapi.json",
    open: true,
    describe: {
      operationId: "getOpenapi",
      summary: "This document",
      responses: { 200: { description: "OpenAPI 3.1." } },
      problems: [],
    },
    handle: () => ({ status: 200, body: (document ??= openapiDocument([...others, self], INTERFACE_VERSION)) }),
  };
  return self;
}
