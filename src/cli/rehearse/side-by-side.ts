import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import { Problem } from "../../kernel/index.ts";
import type { Place, Ran } from "../../lab/rehearsal/index.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

const WORKER = path.join(import.meta.dirname, "worker.ts");

export type Wish = {
  scenario: string;
  seeds: readonly number[];
  workers: number;
  server: Place["target"];
  /** After each seed. */
  onRan: (ran: Ran) => void;
  /** Ends all of it. */
  signal: AbortSignal;
};

/**
 * Runs the seeds in processes of their own, since one rehearsal keeps one core busy.
 * @returns what each told, in the order of the seeds.
 * @throws Problem `rehearsal-broke` where one could not be run to its end: its figures would be missing.
 */
export async function sideBySide(wish: Wish): Promise<Ran[]> {
  const left = [...wish.seeds];
  const told: Ran[] = [];
  const work = async (worker: number): Promise<void> => {
    const process = new WorkerProcess(wish.signal);
    try {
      await process.ask({ kind: "begin", worker, server: wish.server }, null);
      for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
        const answer = await process.ask({ kind: "run", scenario: wish.scenario, seed }, seed);
        if (answer.kind !== "ran") throw new Error(`a worker said ${answer.kind} when it was told to run`);
        told.push(answer.ran);
        wish.onRan(answer.ran);
      }
    } catch (error) {
      left.length = 0; // the others need not go on
      throw error;
    } finally {
      process.end();
    }
  };
  const count = Math.min(wish.workers, wish.seeds.length);
  const ends = await Promise.allSettled(Array.from({ length: count }, (_, n) => work(n + 1)));
  const broken = ends.find((end) => end.status === "rejected");
  if (broken) throw broken.reason;
  return told.toSorted((a, b) => a.seed - b.seed);
}

class WorkerProcess {
  readonly #child: ChildProcess;

  constructor(signal: AbortSignal) {
    this.#child = fork(WORKER, { stdio: ["ignore", "inherit", "inherit", "ipc"], signal });
    this.#child.on("error", () => {}); // told by its exit
  }

  /** One answer to one message; they are never mixed up, as each is waited for. */
  ask(message: ToWorker, seed: number | null): Promise<FromWorker> {
    const { promise, resolve, reject } = Promise.withResolvers<FromWorker>();
    const broke = (cause: string) =>
      reject(
        new Problem(
          "rehearsal-broke",
          seed === null
            ? "A process of the rehearsal could not begin."
            : `The rehearsal with seed ${seed} broke off. The same seed breaks again: --from ${seed} --seeds 1.`,
          cause,
        ),
      );
    const onMessage = (answer: FromWorker): void => {
      this.#child.off("exit", onExit);
      if (answer.kind === "failed") broke(answer.sentence);
      else resolve(answer);
    };
    const onExit = (code: number | null): void => broke(`its process ended with ${code ?? "a signal"}`);
    this.#child.once("message", onMessage);
    this.#child.once("exit", onExit);
    this.#child.send(message);
    return promise.finally(() => {
      this.#child.off("message", onMessage);
      this.#child.off("exit", onExit);
    });
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
