import type { FastifyInstance } from "fastify";
import type { CompatParts } from "../../src/accept/index.ts";
import { type CompatDoor, compatDoor } from "./compat-door.ts";

/** Turns of the event loop that others had from the first message read of a request to the first one accepted. */
export async function turnsInBatch(
  register: (server: FastifyInstance, parts: CompatParts) => void,
  ask: (url: string) => Promise<Response>,
): Promise<{ turns: number; answer: Response; submissions: CompatDoor["port"]["submissions"] }> {
  let [turns, firstRead, firstAccepted, isOver] = [0, -1, -1, false];
  const tick = (): void => {
    turns += 1;
    if (!isOver) setImmediate(tick);
  };
  const { door, port } = await compatDoor((server, parts) => {
    const { accept } = parts.port;
    const random: CompatParts["random"] = {
      ...parts.random,
      bytes(count) {
        if (firstRead < 0) firstRead = turns;
        return parts.random.bytes(count);
      },
    };
    parts.port.accept = (submission) => {
      if (firstAccepted < 0) firstAccepted = turns;
      return accept(submission);
    };
    register(server, { ...parts, random });
  });
  setImmediate(tick);
  try {
    const answer = await ask(door.url);
    return { turns: firstAccepted - firstRead, answer, submissions: port.submissions };
  } finally {
    isOver = true;
    await door.stop();
  }
}
