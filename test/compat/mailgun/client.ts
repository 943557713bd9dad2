import type Mailgun from "mailgun.js";
import { DOMAIN } from "../world.ts";

export type Client = ReturnType<Mailgun["client"]>;

/** Methods that are there, and that the client's own declarations leave out. */
type Undeclared = {
  messages: {
    retrieveStoredEmail(domain: string, key: string): Promise<unknown>;
    resendEmail(domain: string, key: string, to: string[]): Promise<unknown>;
    getMessagesQueueStatus(domain: string): Promise<Record<"regular" | "scheduled", { is_disabled: boolean }>>;
  };
  domains: {
    domainKeys: Record<
      "list" | "listAll" | "create" | "activate" | "deactivate" | "destroy",
      (...given: unknown[]) => Promise<unknown>
    >;
  };
};
export const undeclared = (client: Client): Undeclared => client as unknown as Undeclared;

/** What the client throws. */
export type Failure = { status: number; details: string };
export const isRefused = (error: unknown): boolean =>
  (error as Failure).status === 400 && /not supported by this server \(Postern\)/.test((error as Failure).details);
export const failure = (call: Promise<unknown>): Promise<Failure> =>
  call.then(
    () => Promise.reject(new Error("was taken")),
    (error: unknown) => error as Failure,
  );

export const MAIL = { from: `Acme <hello@${DOMAIN}>`, to: ["ada@example.com"], subject: "Confirm", text: "Click" };
let count = 0;
/** One that no other call of these writes to. */
export const someone = (): string => `mailgun-${(count += 1)}@example.com`;

/** The page that another one leads to, as the client's users ask for it. */
export const pageCalled = (pages: Record<string, { page: string }>, name: string): { page: string } => ({
  page: pages[name]!.page,
});

/** The client warns of methods that will go one day. */
export async function quietly<Result>(work: () => Promise<Result>): Promise<Result> {
  const { warn } = console;
  console.warn = () => {};
  try {
    return await work();
  } finally {
    console.warn = warn;
  }
}
