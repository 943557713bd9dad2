import assert from "node:assert/strict";
import { test } from "node:test";
import { first, readForm } from "./form.ts";

const multipart = (...parts: string[]): Buffer =>
  Buffer.from(`${parts.map((part) => `--b\r\nContent-Disposition: form-data; ${part}\r\n`).join("")}--b--\r\n`);
const TYPE = "multipart/form-data; boundary=b";

test("fields of both kinds of form are texts, in their order, and files stand apart", async () => {
  const both = await readForm(
    multipart('name="a"\r\n\r\n1', 'name="a"\r\n\r\n2', 'name="f"; filename="x"\r\n\r\noctets'),
    TYPE,
  );
  assert.deepEqual(both?.text.get("a"), ["1", "2"]);
  assert.deepEqual(
    both?.files.map(({ name, filename, content }) => [name, filename, content.toString()]),
    [["f", "x", "octets"]],
  );
  const encoded = await readForm(Buffer.from("a=1&b=%C3%A4"), "application/x-www-form-urlencoded");
  assert.equal(encoded && first(encoded, "b"), "ä");
});

test("what is no form, broken, or of thousands of fields, is none", async () => {
  assert.equal(await readForm(Buffer.from("a=1"), "text/plain"), null);
  assert.equal(await readForm(Buffer.from("--b\r\nContent-Disposition: form-data; name"), TYPE), null);
  assert.equal(await readForm(Buffer.from("a=1&".repeat(2_001)), "application/x-www-form-urlencoded"), null);
});
