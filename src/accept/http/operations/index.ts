import { assuranceOperations } from "./assurance.ts";
import { cancelOperation } from "./cancel.ts";
import { explainProblemOperation } from "./explain-problem.ts";
import { listEventsOperation } from "./list-events.ts";
import type { Operation, OperationParts } from "./operation.ts";
import { publishOpenapiOperation } from "./publish-openapi.ts";
import { getMessageOperation, listMessagesOperation } from "./read-messages.ts";
import { rescheduleOperation } from "./reschedule.ts";
import { sendBatchOperation } from "./send-batch.ts";
import { sendOperation } from "./send.ts";
import { suppressionOperations } from "./suppressions.ts";
import { templateOperations } from "./templates.ts";

export type { Call, Operation, OperationParts } from "./operation.ts";

/** Everything below /v1. */
export function operationsOf(parts: OperationParts): Operation[] {
  const operations = [
    sendOperation(parts),
    sendBatchOperation(parts),
    listMessagesOperation(parts),
    getMessageOperation(parts),
    listEventsOperation(parts),
    cancelOperation(parts),
    rescheduleOperation(parts),
    ...suppressionOperations(parts),
    ...templateOperations(parts),
    ...assuranceOperations(parts),
    explainProblemOperation(),
  ];
  return [...operations, publishOpenapiOperation(operations)];
}
