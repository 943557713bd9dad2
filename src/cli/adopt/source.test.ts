import assert from "node:assert/strict";
import { after, test } from "node:test";
import { commandLine } from "../../../test/support/command-line.ts";

const line = commandLine({ KEY: "0123456789abcdef", POSTERN_LAB_PORTS: "0,0" });
after(() => line.close());
const refusal = async (...words: string[]): Promise<string> => {
  const { code, err } = await line.run(["adopt", ...words]);
  assert.equal(code, 1);
  return err.replaceAll(/\s+/g, " ");
};

test("a key is sent in clear to no other machine", async () => {
  for (const url of ["http://mail.example/api", "http://127.0.0.1.evil.example/", "ftp://127.0.0.1/", "mandrillapp"])
    assert.match(
      await refusal("--kind", "mandrill", "--key", "env:KEY", "--base-url", url),
      /^adopt-options-unclear --base-url must be an https address/,
    );
  assert.match(await refusal("mandrill", "--base-url", "http://mail.example/"), /--base-url must be an https address/);
});

test("a provider of a lab with free ports is not asked at port 0", async () => {
  assert.match(await refusal("mandrill"), /^adopt-options-unclear mandrill is part of the lab, .* --base-url/);
});
