import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStsPolicy, stsIdIn, stsNames } from "./sts-policy.ts";

const POLICY = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n";

test("the example of RFC 8461 is read", () => {
  assert.deepEqual(parseStsPolicy(POLICY), {
    mode: "enforce",
    mx: ["mail.example.com", "*.example.net"],
    maxAgeS: 604_800,
  });
  assert.equal(stsIdIn(["v=STSv1; id=20160831085700Z;"]), "20160831085700Z");
});

test("a star stands for one label, at the front", () => {
  const policy = parseStsPolicy(POLICY)!;
  for (const host of ["mail.example.com", "mx1.example.net"]) assert.ok(stsNames(policy, host), host);
  for (const host of ["example.net", "a.b.example.net", "mail.example.com.evil.example", "xmail.example.com", "net"])
    assert.ok(!stsNames(policy, host), host);
});

test("what is no policy is none", () => {
  const bad = [
    "",
    POLICY.replace("STSv1", "STSv2"),
    POLICY.replace("enforce", "Enforce"),
    POLICY.replace("604800", "a week"),
    POLICY.replace("604800", "-1"),
    POLICY.replace(/mx: .*\r\n/g, ""),
    POLICY.replace("mail.example.com", "mail.*.example.com"),
    POLICY.replace("mail.example.com", "*"),
    `<html>${POLICY}</html>`,
  ];
  for (const text of bad) assert.equal(parseStsPolicy(text), null, text);
});

test("unknown fields are passed over, the first of a repeated one counts, ages are at most a year", () => {
  const text = POLICY.replace("604800", "9999999999") + "mode: none\nfuture.field: x\n";
  assert.deepEqual([parseStsPolicy(text)?.mode, parseStsPolicy(text)?.maxAgeS], ["enforce", 31_557_600]);
});

test("records that are not exactly one policy record are none", () => {
  const none = [
    [],
    ["v=spf1 -all"],
    ["v=STSv1; id=a", "v=STSv1; id=b"],
    ["v=STSv1;"],
    ["v=STSv1; id=a-b"],
    ["v=STSv10; id=a"],
  ];
  for (const texts of none) assert.equal(stsIdIn(texts), null, JSON.stringify(texts));
  assert.equal(stsIdIn(["hello", "v=STSv1 ; x=y; id=a1 "]), "a1");
});
