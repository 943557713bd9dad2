import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, test } from "node:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { loadSettings } from "../config/index.ts";
import { Problem, systemRandom } from "../kernel/index.ts";
import { portProblem } from "./port-problem.ts";

function labOn(smtpPort: number) {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-ports-"));
  try {
    const environment = { POSTERN_SMTP_PORT: String(smtpPort), POSTERN_LAB_PORTS: "2501,2502" };
    return loadSettings({ environment, cwd: folder, random: systemRandom });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("a port that cannot be had", () => {
  test("in use: names the door, the address, and how to move it, however deep the error is wrapped", async () => {
    const first = createServer().listen(0, "127.0.0.1");
    await once(first, "listening");
    const { port } = first.address() as AddressInfo;
    const second = createServer();
    second.listen(port, "127.0.0.1");
    const [error] = (await once(second, "error")) as [Error];
    first.close();
    const problem = portProblem(new Problem("door-closed", "It cannot listen.", error), labOn(port));
    assert.equal(problem?.code, "port-in-use");
    assert.equal(
      problem.publicMessage,
      `Another program listens already where the SMTP door at 127.0.0.1:${port} should. Stop that program (ss -ltnp shows it), or move this one. Set POSTERN_SMTP_PORT to a free port (0: any).`,
    );
  });

  const listenError = (code: string, port: number) =>
    Object.assign(new Error(code), { code, syscall: "listen", address: "127.0.0.1", port });

  test("a lab provider's port is moved by its own variable", () => {
    assert.match(
      portProblem(listenError("EADDRINUSE", 2502), labOn(0))!.publicMessage,
      /lab provider lantern.*POSTERN_LAB_PORTS/,
    );
  });

  test("a port kept for root", () => {
    const problem = portProblem(listenError("EACCES", 25), labOn(25));
    assert.equal(problem?.code, "port-not-allowed");
    assert.match(problem.publicMessage, /the SMTP door at 127\.0\.0\.1:25/);
  });

  test("an address of another machine", () => {
    assert.equal(portProblem(listenError("EADDRNOTAVAIL", 25), labOn(25))?.code, "address-not-here");
  });

  test("anything else is none", () => {
    assert.equal(portProblem(new Error("no"), labOn(0)), null);
    assert.equal(
      portProblem(Object.assign(new Error("x"), { code: "EADDRINUSE", syscall: "connect", port: 1 }), labOn(0)),
      null,
    );
  });
});
