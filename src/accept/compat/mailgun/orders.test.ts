import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readCsv } from "./csv.ts";
import { isFault } from "./dialect.ts";
import { readDate, readTime } from "./instant.ts";
import { type Orders, ordersOf, withOrders } from "./orders.ts";

const formOf = (fields: Record<string, string | string[]>) => ({
  text: new Map(Object.entries(fields).map(([name, value]) => [name, [value].flat()])),
  files: [],
});
const refusalOf = (fields: Record<string, string>): string => {
  const read = ordersOf(withOrders(formOf(fields)));
  return isFault(read) ? read.message : "taken";
};
const ordered = (fields: Record<string, string | string[]>, headers: [string, string][] = []): Orders => {
  const read = ordersOf(withOrders(formOf(fields), headers));
  assert.ok(!isFault(read), JSON.stringify(read));
  return read;
};

describe("options of a message", () => {
  test("what would change the message or its way and cannot be done is refused by name", () => {
    for (const [name, value] of [
      ["amp-html", "<html>"],
      ["o:require-tls", "yes"],
      ["o:deliver-within", "30m"],
      ["o:time-zone-localize", "09:00"],
      ["o:sending-ip", "192.0.2.1"],
      ["o:archive-to", "https://elsewhere.example"],
      ["o:secondary-dkim", "acme.test/s1"],
      ["o:unheard-of", "1"],
      ["t:unheard-of", "1"],
      ["h:X-Mailgun-Require-TLS", "true"],
    ] as const) {
      assert.match(refusalOf({ [name]: value }), /not supported by this server \(Postern\)/, name);
    }
    assert.match(refusalOf({ "o:require-tls": "yes" }), /^o:require-tls is/);
  });

  test("what has no effect here, or asks for nothing, is taken", () => {
    for (const [name, value] of [
      ["o:tracking", "htmlonly"],
      ["o:tracking-opens", "yes"],
      ["o:dkim", "no"],
      ["o:require-tls", "no"],
      ["o:suppress-headers", "all"],
      ["amp-html", ""],
    ] as const) {
      assert.equal(refusalOf({ [name]: value }), "taken", name);
    }
  });

  test("fields X-Mailgun-… are the same as the parameters", () => {
    const { tags, sendAt, rehearsal } = ordered({ "h:X-Mailgun-Tag": "one" }, [
      ["x-mailgun-tag", "two"],
      ["x-mailgun-drop-message", "yes"],
      ["x-mailgun-deliver-by", "Fri, 14 Oct 2011 23:10:10 -0000"],
      ["x-mailgun-variables", '{"order":{"id":7}}'],
    ]);
    assert.deepEqual(tags, { one: "", two: "", order: '{"id":7}' });
    assert.deepEqual([sendAt, rehearsal], ["2011-10-14T23:10:10.000Z", true]);
  });

  test("a template's values are not kept with the message, and t:variables stand above the others", () => {
    const { tags, variables } = ordered({
      template: "welcome",
      "o:tag": ["a b", "c"],
      "v:code": "123456",
      "v:list": "[1,2]",
      "h:X-Mailgun-Variables": '{"name":"Ada","code":"0"}',
      "t:variables": '{"name":"Bob"}',
    });
    assert.deepEqual(tags, { "a-b": "", c: "" });
    assert.deepEqual(variables, { name: "Bob", code: "123456", list: [1, 2] });
    assert.match(refusalOf({ template: "x", "t:variables": "[]" }), /not a valid JSON dictionary/);
  });

  test("a variable cannot be more than a name", () => {
    const { variables } = ordered({ template: "x", "t:variables": '{"__proto__":{"isAdmin":true}}' });
    assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined);
    assert.equal((variables as { isAdmin?: boolean }).isAdmin, undefined);
  });
});

describe("instants", () => {
  test("are dates of RFC 2822, and of events also seconds", () => {
    assert.equal(readDate("Fri, 14 Oct 2011 23:10:10 -0000"), Date.UTC(2011, 9, 14, 23, 10, 10));
    assert.equal(readDate("14 Oct 2011 23:10 +0200"), Date.UTC(2011, 9, 14, 21, 10));
    assert.equal(readDate("Fri, 14 Oct 2011 23:10:10 UTC"), Date.UTC(2011, 9, 14, 23, 10, 10));
    assert.equal(readTime("1318633810.5"), 1_318_633_810_500);
    for (const text of [
      "tomorrow",
      "2011-10-14",
      "1318633810",
      "Fri, 14 Oct 2011",
      "Fri, 99 Oct 2011 23:10:10 GMT",
      "",
    ])
      assert.equal(readDate(text), null, text);
  });
});

describe("a file of addresses", () => {
  test("has its columns by name, quoted or not, and any line ends", () => {
    assert.deepEqual(readCsv('\uFEFFAddress,error\r\na@example.com,"Full, ""really"""\nb@example.com,\n\n'), [
      { address: "a@example.com", error: 'Full, "really"' },
      { address: "b@example.com", error: "" },
    ]);
    assert.deepEqual(readCsv("address\na@example.com"), [{ address: "a@example.com" }]);
    assert.equal(readCsv('address\n"never ends'), null);
    assert.equal(readCsv('address\na"b'), null);
    assert.equal(readCsv(""), null);
  });
});
