import { createHash } from "node:crypto";
import { type Socket, connect, createServer } from "node:net";
import { delay, systemClock } from "../../src/kernel/index.ts";
import type { MailSystem } from "./systems/system.ts";

/** What a relay may do wrong, each of which the bench has to see. Counted over messages, from 1. */
export type Plant = {
  /** Every nth message is accepted and forgotten. */
  loseEvery?: number;
  /** Every nth message is sent twice. */
  doubleEvery?: number;
  /** Waits so long between the end of the data and the 250. */
  answerAfterMs?: number;
  /** Uses so much CPU for each message. */
  burnMs?: number;
  /** Takes the Message-ID away from every nth message. */
  unnameEvery?: number;
  /** Answers 451 to every nth message. */
  deferEvery?: number;
};

/** A relay inside of the process that asks for it, honest but for what is planted: the checker's own check. */
export function plantedRelay(plant: Plant): MailSystem {
  return {
    name: "planted",
    family: "postern",
    title: "Planted",
    missing: () => null,
    start: ({ sinkPort, undo }) =>
      new Promise((resolve) => {
        let count = 0;
        const burn = plant.burnMs === undefined ? () => {} : burner(plant.burnMs);
        const isNth = (every: number | undefined): boolean => every !== undefined && count % every === 0;
        const sockets = new Set<Socket>();
        const server = createServer({ noDelay: true }, (socket) => {
          sockets.add(socket);
          socket.on("error", () => socket.destroy());
          converse(socket, async (text) => {
            count += 1;
            if (isNth(plant.deferEvery)) return "451 4.3.0 Later\r\n";
            const copies = isNth(plant.loseEvery) ? 0 : isNth(plant.doubleEvery) ? 2 : 1;
            const sent = isNth(plant.unnameEvery) ? text.replace(/message-id:[^\r]*\r\n/i, "") : text;
            burn();
            for (let n = 0; n < copies; n += 1) await forward(sinkPort, sent);
            if (plant.answerAfterMs !== undefined) await delay(systemClock, plant.answerAfterMs);
            return "250 2.0.0 Ok\r\n";
          });
        });
        undo.add(() => {
          server.close();
          for (const socket of sockets) socket.destroy();
        });
        server.listen(0, "127.0.0.1", () => {
          const bound = server.address();
          resolve({
            port: typeof bound === "object" && bound ? bound.port : 0,
            version: "0",
            roots: () => [process.pid],
          });
        });
      }),
  };
}

/** Takes one command or text at a time. */
function converse(socket: Socket, take: (text: string) => Promise<string>): void {
  let text = "";
  let inText = false;
  socket.setEncoding("latin1").on("data", async (chunk: string) => {
    text += chunk;
    if (inText && text.endsWith("\r\n.\r\n")) {
      const whole = text;
      [text, inText] = ["", false];
      socket.write(await take(whole));
    } else if (!inText && text.endsWith("\r\n")) {
      inText = text.startsWith("DATA");
      text = "";
      socket.write(inText ? "354 Go on\r\n" : "250 Ok\r\n");
    }
  });
  socket.write("220 planted.test\r\n");
}

function forward(port: number, text: string): Promise<void> {
  const steps = ["EHLO planted.test\r\n", "MAIL FROM:<a@src.test>\r\n", "RCPT TO:<b@dst.test>\r\n", "DATA\r\n", text];
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("error", reject);
    socket.setEncoding("latin1").on("data", (answer: string) => {
      if (!/^\d{3} .*\r\n$/m.test(answer)) return;
      const next = steps.shift();
      if (next !== undefined) return void socket.write(next);
      socket.end("QUIT\r\n");
      resolve();
    });
  });
}

/**
 * So much work as takes `ms` of CPU here: counted once over a longer time, because a short time of CPU cannot be read
 * (the kernel's count moves in steps of up to 10 ms), and because waiting for the wall clock is no work where others run.
 */
function burner(ms: number): () => void {
  const page = Buffer.alloc(65_536);
  const work = (times: number): void => {
    for (let n = 0; n < times; n += 1) createHash("sha256").update(page).digest();
  };
  work(CALIBRATION / 10); // until it is compiled
  const from = process.cpuUsage();
  work(CALIBRATION);
  const { user, system } = process.cpuUsage(from);
  const times = Math.round((CALIBRATION * ms * 1_000) / (user + system));
  return () => work(times);
}
const CALIBRATION = 4_000;
