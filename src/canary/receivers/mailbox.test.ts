import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { quickClock } from "../../../test/support/quick-clock.ts";
import { MINUTE_MS, Secret, silentLog, systemRandom } from "../../kernel/index.ts";
import type { Incoming } from "../arrivals.ts";
import type { Canary } from "../rows/row.ts";
import { MailboxReader } from "./mailbox.ts";
import { type ScriptedImap, scriptedImap } from "./scripted-imap-for-tests.ts";

const ID = "0198a2c4-0000-7000-8000-00000000000";
const mail = (id: string): string => `From: a@acme.test\r\nX-Postern-Id: ${id}\r\nSubject: hi\r\n\r\nhi\r\n`;

describe("a mailbox at somebody else's server", () => {
  let imap: ScriptedImap;
  let reader: MailboxReader;
  const came: Incoming[] = [];
  const known = new Set<string>();
  const open = (password = "s3cret"): void => {
    reader = new MailboxReader({
      settings: {
        kind: "imap",
        name: "seed",
        host: "127.0.0.1",
        port: imap.port,
        tls: "none",
        username: "seed@mail.test",
        password: new Secret(password),
        address: "seed@mail.test",
        mailbox: "INBOX",
      },
      arrivals: {
        async take(one) {
          came.push(one);
          return "canaryId" in one.by && known.has(one.by.canaryId) ? ({} as Canary) : null;
        },
      },
      clock: quickClock((ms) => ms === MINUTE_MS),
      random: systemRandom,
      log: silentLog,
    });
    reader.start();
  };
  before(async () => {
    imap = await scriptedImap("s3cret");
  });
  afterEach(() => reader.stop());
  after(() => imap.stop());

  test(
    "gives what was there and what comes while it waits, deletes it, and leaves all other mail",
    { timeout: 30_000 },
    async () => {
      known.add(`${ID}1`).add(`${ID}2`);
      imap.add(mail(`${ID}1`));
      const others = [
        imap.add("Subject: a person's\r\n\r\nX-Postern-Id: in the text\r\n"),
        imap.add(mail(`${ID}9`)),
        imap.add(mail("odd")),
      ];
      open();
      await eventually(() => imap.idling === 1 && !imap.messages.has(1));
      imap.add(mail(`${ID}2`));
      await eventually(() => imap.messages.size === others.length);
      assert.deepEqual([...imap.messages.keys()], others);
      assert.deepEqual(
        came.map(({ by }) => by),
        [1, 9, 2].map((n) => ({ canaryId: `${ID}${n}`, receiver: "seed" })),
      );
      assert.deepEqual([came[0]?.own, came[0]?.raw.toString()], [false, mail(`${ID}1`)]);
    },
  );

  test(
    "finds in the folder for spam what was put there, and goes on waiting for the rest",
    { timeout: 30_000 },
    async () => {
      known.add(`${ID}4`).add(`${ID}5`);
      came.length = 0;
      imap.addSpam(mail(`${ID}4`));
      const other = imap.addSpam("Subject: buy\r\n\r\nnow\r\n");
      open();
      await eventually(() => imap.spam.size === 1);
      imap.add(mail(`${ID}5`));
      await eventually(() => came.some(({ by }) => "canaryId" in by && by.canaryId === `${ID}5`));
      assert.deepEqual([...imap.spam.keys()], [other]);
      assert.deepEqual(
        came
          .filter(({ by }) => "canaryId" in by && known.has(by.canaryId))
          .map(({ by, inSpam }) => [(by as { canaryId: string }).canaryId, inSpam]),
        [
          [`${ID}4`, true],
          [`${ID}5`, false],
        ],
      );
    },
  );

  test("opens it again after the connection broke, and finds what came meanwhile", { timeout: 30_000 }, async () => {
    known.add(`${ID}3`);
    open();
    await eventually(() => imap.idling === 1);
    imap.breakAll();
    const uid = imap.add(mail(`${ID}3`));
    await eventually(() => !imap.messages.has(uid));
  });

  test("a wrong password is tried again, ever more rarely, and ends nothing", { timeout: 30_000 }, async () => {
    imap.logins.length = 0;
    open("wrong");
    await eventually(() => imap.logins.length >= 2);
    assert.ok(imap.logins.every((one) => one === "wrong"));
  });
});
