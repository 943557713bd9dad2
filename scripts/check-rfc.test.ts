import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRfc, citationsOf } from "./check-rfc.ts";

const HEAD = "rfc\tsection\tstatus\twhere\tnote\n";
const sections = (text: string) => citationsOf(text).map((one) => `${one.rfc} ${one.section}`);

test("sections belong to the RFC named before them, one by one, in ranges and across lines", () => {
  assert.deepEqual(sections("(RFC 5321 §2.3.8, §4.5.3.1.6; RFC 5322 §2.1.1)"), [
    "5321 2.3.8",
    "5321 4.5.3.1.6",
    "5322 2.1.1",
  ]);
  assert.deepEqual(sections("// RFC 5321 §4.5.3.1.1–2 and RFC 3696 erratum 1690"), [
    "5321 4.5.3.1.1",
    "5321 4.5.3.1.2",
  ]);
  assert.deepEqual(sections("/** RFC 3461\n *  §4.1 and §4.2. */"), ["3461 4.1", "3461 4.2"]);
  assert.deepEqual(sections("// as RFC 6409 says, §5 of this page"), []);
});

test("a cited section without a row is found where it is cited", () => {
  assert.deepEqual(checkRfc(HEAD, [{ name: "src/mail/a.ts", text: "\n// RFC 5321 §2.3.8\n" }]), [
    "src/mail/a.ts:2 cites RFC 5321 §2.3.8, which has no row in docs/rfc.tsv. Add one that says how far it is obeyed.",
  ]);
});

test("a row that boasts is found: its file is gone or does not cite the section", () => {
  const files = [{ name: "src/mail/a.ts", text: "// RFC 5321 §2.3.8" }];
  assert.deepEqual(checkRfc(`${HEAD}5321\t2.3.8\tyes\tsrc/mail/a.ts\t\n`, files), []);
  assert.match(
    checkRfc(`${HEAD}5321\t2.3.8\tyes\tsrc/mail/b.ts\t\n`, files).join(),
    /src\/mail\/b.ts, which is no file/,
  );
  const both = `${HEAD}5321\t2.3.8\tyes\tsrc/mail/a.ts\t\n5322\t3.6\tpartial\tsrc/mail/a.ts\tno Bcc\n`;
  assert.deepEqual(checkRfc(both, files), [
    "docs/rfc.tsv:3 says that src/mail/a.ts obeys RFC 5322 §3.6, but it does not cite it. Cite it at the line that obeys it.",
  ]);
});

test("what is not obeyed needs no place but a reason; a row stands once, with a known status", () => {
  assert.deepEqual(checkRfc(`${HEAD}3030\t2\tno\t\tno next hop needs it\n`, []), []);
  assert.match(checkRfc(`${HEAD}3030\t2\tno\t\t\n`, []).join(), /says no without a note/);
  assert.match(checkRfc(`${HEAD}3030\t2\tmaybe\t\tx\n`, []).join(), /has the status maybe/);
  assert.match(checkRfc(`${HEAD}3030\t2\tno\t\tx\n3030\t2\tno\t\tx\n`, []).join(), /repeats RFC 3030 §2/);
});
