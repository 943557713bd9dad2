import assert from "node:assert/strict";
import { test } from "node:test";
import { chunkText, couldEndElsewhere, dataText, PIECE_OCTETS } from "./text.ts";

test("text that could end elsewhere for another server is found", () => {
  for (const text of ["a\n.\r\n", "a\r\n\n.\n", "a\r.\r\n", "\n.", "a\r\n.\r.\r\n", "a\u0000", "x\r\n\u0000.\r\n"]) {
    assert.equal(couldEndElsewhere(Buffer.from(text)), true, JSON.stringify(text));
  }
  for (const text of ["", ".", "a\r\n.\r\n", "a\r\n..\r\n.b\r\n", "a.\r\nb", ".\r\n.\r\n"]) {
    assert.equal(couldEndElsewhere(Buffer.from(text)), false, JSON.stringify(text));
  }
});

const written = (pieces: Buffer[]): string => Buffer.concat(pieces).toString();

test("DATA: stuffed dots, CRLF at the end, the final dot", () => {
  assert.equal(written(dataText(Buffer.from("a\r\n.b\r\n"))), "a\r\n..b\r\n.\r\n");
  assert.equal(written(dataText(Buffer.from("."))), "..\r\n.\r\n");
});

test("BDAT: the octets are counted and sent as they are, with CRLF at the end", () => {
  assert.equal(written(chunkText(Buffer.from("a\r\n.b\r\n"))), "BDAT 7 LAST\r\na\r\n.b\r\n");
  assert.equal(written(chunkText(Buffer.from("ä"))), "BDAT 4 LAST\r\nä\r\n");
});

test("a long text is cut into pieces, and its end is in the last one only", () => {
  for (const octets of [PIECE_OCTETS - 2, PIECE_OCTETS - 1, PIECE_OCTETS, PIECE_OCTETS + 1, 3 * PIECE_OCTETS]) {
    const raw = Buffer.alloc(octets, "x");
    const data = dataText(raw);
    assert.equal(written(data), `${raw.toString()}\r\n.\r\n`);
    assert.ok(data.slice(0, -1).every((piece) => !piece.includes("\n")));
    const chunk = chunkText(raw);
    assert.equal(written(chunk), `BDAT ${octets + 2} LAST\r\n${raw.toString()}\r\n`);
    assert.equal(chunk.at(-1)!.subarray(-2).toString(), "\r\n");
  }
});
