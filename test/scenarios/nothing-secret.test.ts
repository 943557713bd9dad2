import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { embeddedTarget } from "../../src/store/index.ts";
import { eventually } from "../support/eventually.ts";
import { type Find, type Place, filesBelow, findPlanted, processesSeen } from "../support/planted.ts";
import {
  type SecretWorld,
  address,
  authorization,
  kept,
  mistakes,
  recipients,
  secrets,
  sendByHttp,
  sendBySmtp,
  startSecretWorld,
} from "./secret-mail.ts";

/**
 * I3: no secret and no text in rows, dumps, logs, metrics, or what other users of the machine can see. Words are planted
 * in every place where a secret could be; mail takes every way it can take; then everything is searched.
 */
let world: SecretWorld;
const ids: Record<string, string> = {};
before(async () => (world = await startSecretWorld()));
after(() => world.stop());

describe("nothing secret", () => {
  test("mail takes every way it can take, and each ends or waits as it should", async () => {
    await sendBySmtp(world, "delivered", [address("delivered"), address("bcc")], { headerTo: address("delivered") });
    await sendBySmtp(world, "refused", [address("refused")]);
    await sendBySmtp(world, "quoted", [address("quoted")]);
    await sendBySmtp(world, "later", [address("later")]);
    ids["held"] = await sendByHttp(world, "held", "alerts");
    ids["cancelled"] = await sendByHttp(world, "cancelled", "alerts");
    ids["expired"] = await sendByHttp(world, "expired", "security");
    await mistakes(world);

    await states({ delivered: "handed-off", bcc: "handed-off", refused: "rejected", quoted: "rejected" });
    await eventually(
      async () => (await world.database.query("SELECT 1 FROM attempts WHERE outcome = 'deferred'")).length >= 4,
    );
    await world.act("hold", ids["held"]!);
    const cancel = await fetch(`${world.http}/v1/messages/${ids["cancelled"]}/cancel`, {
      method: "POST",
      headers: authorization(),
    });
    assert.equal(cancel.status, 200);
    await world.act("expire", ids["expired"]!);
    await states({ cancelled: "cancelled", expired: "expired", held: "pending", later: "pending" });
    await eventually(
      async () =>
        (await world.database.query("SELECT 1 FROM webhook_deliveries WHERE last_error IS NOT NULL")).length > 0,
    );

    const sent = world.polite.messages.map((message) => message.raw.toString("latin1")).join("");
    for (const word of [secrets.subject, secrets.body, secrets.field, secrets.displayname])
      assert.ok(sent.includes(word), "planted words do reach the provider");
    assert.doesNotMatch(sent, new RegExp(`Bcc|${recipients.bcc}`));
  });

  test("rows hold no secrets while mail waits and after its end, recipients only where they belong", async () => {
    const rows = await tables();
    assert.deepEqual(wrong(findPlanted(secrets, rows)), []);
    const mayHold = new Set(["table recipients"]);
    assert.deepEqual(wrong(findPlanted(recipients, rows).filter((find) => !mayHold.has(find.where))), []);
    assert.deepEqual(
      wrong(findPlanted(kept, rows)).toSorted(),
      ["messageid plain in table messages", "tag plain in table messages"],
      "the search finds what is there",
    );
  });

  test("a dump holds no more than the rows do", async (t) => {
    const dump = await dumped((text) => t.diagnostic(text));
    assert.deepEqual(wrong(findPlanted(secrets, dump)), []);
    assert.equal(findPlanted(kept, dump).length, 2);
  });

  test("a text that waits is sealed; a secret whose message has ended is gone", async () => {
    const [{ n: waiting }] = (await world.database.query<{ n: number }>(
      "SELECT count(*) AS n FROM bodies b JOIN queue q USING (spool_id)",
    )) as [{ n: number }];
    assert.equal(waiting, 2, "held and later");
    assert.equal(
      (
        await world.database.query(
          "SELECT 1 FROM bodies b JOIN messages m USING (spool_id) WHERE m.ended_at IS NOT NULL AND m.class = 0",
        )
      ).length,
      0,
    );
    const bodies = await world.database.query<{ sealed: Buffer; spool_id: string }>(
      "SELECT spool_id, sealed FROM bodies",
    );
    for (const { sealed } of bodies) assert.ok(distinctOctets(sealed) > 200, "ciphertext looks like noise");
  });

  test("the data folder itself holds no text, and of secrets only the files that are made for them", async () => {
    await world.database.query("CHECKPOINT");
    const files = filesBelow(path.join(world.folder, "data"));
    assert.ok(files.length > 500 && findPlanted(kept, files).length > 0, "the cluster's own files were read");
    assert.deepEqual(wrong(findPlanted(secrets, files)), []);
    assert.deepEqual(
      wrong(
        findPlanted(
          recipients,
          files.filter((one) => one.name.endsWith("postgres.log")),
        ),
      ),
      [],
    );
  });

  test("neither log, metrics, health nor what other users see of processes tell anything", async () => {
    const pages = await Promise.all(
      ["/metrics", "/healthz", "/readyz", "/v1/openapi.json"].map(async (page) => ({
        name: page,
        text: await (await fetch(`${world.http}${page}`)).text(),
      })),
    );
    world.serve.child.kill("SIGTERM");
    await world.serve.ended;
    const lines = world.serve.out + world.serve.err;
    assert.match(lines, /"handoff.settled"/, "the log was at its most talkative");
    assert.match(lines, /"smtp.auth-failed"/);
    const places = [{ name: "log", text: lines }, ...pages, ...processesSeen()];
    assert.deepEqual(wrong(findPlanted({ ...secrets, ...recipients, ...kept }, places)), []);
  });
});

const wrong = (finds: readonly Find[]): string[] => [
  ...new Set(finds.map((find) => `${find.token} ${find.how} in ${find.where.replace(world.folder, "")}`)),
];

async function states(wanted: Partial<Record<keyof typeof recipients, string>>): Promise<void> {
  await eventually(async () => {
    const rows = await world.database.query<{ address: string; state: string }>(
      "SELECT address, state FROM recipients",
    );
    const stateOf = new Map(rows.map((row) => [row.address, row.state]));
    return Object.entries(wanted).every(
      ([name, state]) => stateOf.get(address(name as keyof typeof recipients)) === state,
    );
  });
}

async function tableNames(): Promise<string[]> {
  const rows = await world.database.query<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
  );
  assert.ok(rows.length >= 10);
  return rows.map((row) => row.name);
}

/** Every row as text, octets as hex and as they are. */
async function tables(): Promise<Place[]> {
  const names = await tableNames();
  return Promise.all(
    names.map(async (name) => {
      const rows = await world.database.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`);
      const text = rows.map((row) => row.text).join("\n");
      const octets = [...text.matchAll(/\\\\?x([0-9a-f]{2,})/g)].map(([, hex]) =>
        Buffer.from(hex!, "hex").toString("latin1"),
      );
      return { name: `table ${name}`, text: `${text}\n${octets.join("\n")}` };
    }),
  );
}

/** By pg_dump where there is one that knows this server, else table by table with COPY. */
async function dumped(tell: (text: string) => void): Promise<Place[]> {
  const target = embeddedTarget(path.join(world.folder, "data"))!;
  assert.ok("host" in target);
  const { host, port, user, password, database: name } = target;
  const words = ["--host", host, "--port", String(port), "--username", user, name];
  const made = spawnSync("pg_dump", words, {
    env: { PATH: process.env["PATH"], PGPASSWORD: password },
    encoding: "latin1",
    maxBuffer: 2 ** 28,
  });
  if (made.status === 0) return [{ name: "pg_dump", text: made.stdout }];
  tell("no pg_dump that knows this server: COPY instead");
  const place = path.join(world.folder, "dump");
  mkdirSync(place);
  chmodSync(place, 0o777); // the server writes it
  for (const table of await tableNames()) await world.database.query(`COPY ${table} TO '${path.join(place, table)}'`);
  assert.ok(existsSync(path.join(place, "messages")));
  return readdirSync(place).map((table) => ({
    name: `dump of ${table}`,
    text: readFileSync(path.join(place, table), "latin1"),
  }));
}

const distinctOctets = (octets: Buffer): number => new Set(octets).size;
