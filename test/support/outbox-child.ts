import { createClient } from "../../src/client/index.ts";

/** A program with an outbox, in a process of its own that a test may kill: `outbox-child.ts <url> <key> <folder> <messages>`. */
const [url, apiKey, folder, messages] = process.argv.slice(2) as [string, string, string, string];
const client = createClient({ url, apiKey, outbox: { folder } });
for (let n = 0; n < Number(messages); n += 1) {
  const text = `${n}`;
  const result = await client.send(
    { from: "a@acme.test", to: ["ada@example.com"], subject: "Hi", text },
    { idempotencyKey: `${process.pid}-${n}` },
  );
  process.stdout.write(`${result.status} ${process.pid}-${n}\n`);
}
process.stdout.write("sent\n");
// Lives until it is killed, as a server would.
setInterval(() => {}, 60_000);
