import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { API_KEY, fakePort, startTestDoor } from "../../../test/support/http-door.ts";

const PROGRAM = fileURLToPath(new URL("../../../test/support/outbox-child.ts", import.meta.url));
const MESSAGES = 40;

test(
  "a program killed while it stores and while it drains loses nothing, and nothing arrives twice",
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "postern-kill-"));
    const port = fakePort();
    let door = await startTestDoor({ port });
    const { url } = door;
    const listenPort = door.door.address.port;
    const children: ChildProcess[] = [];
    /** Keys the program was told are stored. */
    const promised = new Set<string>();
    const start = (messages: number) => {
      const child = spawn(process.execPath, [PROGRAM, url, API_KEY, folder, String(messages)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      children.push(child);
      createInterface({ input: child.stdout }).on("line", (line) => {
        const [status, key] = line.split(" ");
        if (status === "stored") promised.add(key!);
      });
      return child;
    };
    const kill = async (child: ChildProcess) => {
      child.kill("SIGKILL");
      await once(child, "exit");
    };
    const until = async (met: () => boolean) => {
      while (!met()) await new Promise((resolve) => setTimeout(resolve, 2));
    };

    try {
      await door.stop();
      const storing = start(1_000);
      await until(() => promised.size >= MESSAGES);
      await kill(storing); // in the middle of writing

      door = await startTestDoor({ port, listenPort });
      for (const target of [10, 25]) {
        const draining = start(0);
        await until(() => port.submissions.length >= target);
        await kill(draining); // in the middle of draining
      }
      const last = start(0);
      await until(
        () => readdirSync(path.join(folder, "pending")).filter((name) => name.endsWith(".json")).length === 0,
      );
      await kill(last);

      const arrived = port.submissions.map(({ idempotency }) => idempotency!.key);
      assert.equal(new Set(arrived).size, arrived.length, "the port took a key twice");
      const lost = [...promised].filter((key) => !arrived.includes(key));
      assert.deepEqual(lost, [], "promised and lost");
      assert.deepEqual(
        arrived.map((key) => Number(key.split("-")[1])),
        arrived.map((_, n) => n),
        "in the order of storing",
      );
    } finally {
      for (const child of children) child.kill("SIGKILL");
      await door.stop();
      rmSync(folder, { recursive: true });
    }
  },
);
