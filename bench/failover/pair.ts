import { silentLog, systemClock } from "../../src/kernel/index.ts";
import { type Deliver, type RunningTwin, type SentMessage, startTwin } from "../../src/lab/twins/index.ts";
import type { Undo } from "../relay/undo.ts";
import type { Book } from "./book.ts";

export const PRIMARY = "mandrill";
export const STANDBY = "sendgrid";
export const DOMAIN = "bench.test";
/** The load's messages are known by their subject; every other one (canaries) goes where its system wants it. */
const SUBJECT = /^bench (\S+)$/;
export const subjectOf = (token: string): string => `bench ${token}`;

/** One system's two providers: the real dialects on sockets of their own, their mail ending in the book. */
export type Pair = {
  primary: RunningTwin;
  standby: RunningTwin;
  /** What is none of the load's: to receivers of the system's own. */
  others(deliver: Deliver): void;
};

export async function startPair(book: Book, undo: Undo): Promise<Pair> {
  let elsewhere: Deliver = async () => {};
  const deliverAs =
    (name: string): Deliver =>
    async (message: SentMessage, account) => {
      const token = SUBJECT.exec(message.subject)?.[1];
      if (token !== undefined) book.arrived(token, performance.now(), name);
      else await elsewhere(message, account);
    };
  const start = async (name: typeof PRIMARY | typeof STANDBY): Promise<RunningTwin> => {
    const twin = await startTwin(name, {
      clock: systemClock,
      log: silentLog,
      domain: DOMAIN,
      deliver: deliverAs(name),
    });
    undo.add(() => twin.stop());
    return twin;
  };
  return {
    primary: await start(PRIMARY),
    standby: await start(STANDBY),
    others: (deliver) => {
      elsewhere = deliver;
    },
  };
}
