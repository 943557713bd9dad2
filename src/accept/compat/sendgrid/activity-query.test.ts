import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readActivityQuery } from "./activity-query.ts";
import { isFault } from "./dialect.ts";

const ID = "01957a10-2f40-7abc-8def-0123456789ab";
const messageOf = (text: string): string => {
  const read = readActivityQuery(text);
  return isFault(read) ? read.errors[0]!.message : assert.fail(`${text} was read as ${JSON.stringify(read)}`);
};

describe("a query for activity", () => {
  const read: [text: string, query: object][] = [
    ["", {}],
    ['to_email="ada@example.com"', { recipient: "ada@example.com" }],
    [
      " to_email = 'ada@example.com' and status = 'delivered' ",
      { recipient: "ada@example.com", statuses: ["delivered"] },
    ],
    [String.raw`to_email="a\"b@example.com"`, { recipient: 'a"b@example.com' }],
    [`msg_id LIKE "${ID}%"`, { spoolId: ID }],
    [`msg_id="${ID}.recvd-postern-2.0"`, { spoolId: ID, n: 2 }],
    ["status IN ('delivered', 'processed')", { statuses: ["delivered", "processed"] }],
    [
      '(Contains(categories,"a b")) AND from_email="x@y.example"',
      { tag: { name: "a-b", value: "" }, author: "x@y.example" },
    ],
    [`(unique_args['user']="7")`, { tag: { name: "user", value: "7" } }],
    [
      'last_event_time BETWEEN TIMESTAMP "2026-03-01T00:00:00Z" AND TIMESTAMP "2026-03-02T00:00:00.000Z"',
      { after: Date.UTC(2026, 2, 1), before: Date.UTC(2026, 2, 2) + 1 },
    ],
    [
      "last_event_time > TIMESTAMP '2026-03-01T00:00:00Z' AND last_event_time < TIMESTAMP '2026-03-02T00:00:00Z'",
      { after: Date.UTC(2026, 2, 1) + 1, before: Date.UTC(2026, 2, 2) },
    ],
  ];
  for (const [text, query] of read) test(`is read: ${text}`, () => assert.deepEqual(readActivityQuery(text), query));

  const refused: [text: string, message: RegExp][] = [
    ['subject="x"', /\(subject\) is not supported by this server \(Postern\)/],
    ['to_email="a@b.example" OR to_email="c@d.example"', /not supported/],
    ['NOT to_email="a@b.example"', /not supported/],
    ['to_email!="a@b.example"', /not supported/],
    ['colour="red"', /'colour' is not a known field/],
    ['to_email="a@b.example" AND to_email="c@d.example"', /once/],
    ['status="sent"', /a status is/],
    ['msg_id="x"', /msg_id is whole/],
    ['last_event_time > TIMESTAMP "yesterday"', /TIMESTAMP is such as/],
    ['to_email="a@b.example" AND', /invalid syntax|not supported/],
    ["x".repeat(3_000), /too long/],
    [`to_email="${"\\".repeat(1_900)}`, /not supported/],
  ];
  for (const [text, message] of refused)
    test(`is refused by name: ${text.slice(0, 60)}`, () => assert.match(messageOf(text), message));
});
