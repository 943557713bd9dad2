import mailchimp from "@mailchimp/mailchimp_transactional";
import type { Call, CallGroup } from "../call.ts";
import { type CompatWorld, DOMAIN, KEYS } from "../world.ts";

/** What a method answers; every test says what it relies on. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Answer = any;
/** A method by its path in the client: `messages.sendTemplate`. */
export type Ask = (method: string, body?: Record<string, unknown>) => Promise<Answer>;

/** Mandrill's client resolves with the HTTP error where a call failed: the vendor's own words are in its body. */
export function asker({ url }: CompatWorld): Ask {
  const client = mailchimp(KEYS.plain) as unknown as { basePath: string } & Record<
    string,
    Record<string, (body: object) => Promise<unknown>>
  >;
  client.basePath = `${url}/api/1.3`;
  return async (method, body = {}) => {
    const [group, name] = method.split(".") as [string, string];
    const answer = await client[group]![name]!(body);
    const failed = answer as { response?: { data?: unknown }; isAxiosError?: boolean } | null;
    if (failed?.isAxiosError) {
      const data = failed.response?.data;
      throw Object.assign(new Error(JSON.stringify(data ?? failed)), { data });
    }
    return answer;
  };
}

export const named =
  (name: string) =>
  (error: unknown): boolean =>
    (error as { data?: { name?: string; status?: string } }).data?.name === name &&
    (error as { data: { status?: string } }).data.status === "error";

const notSupported = (error: unknown): boolean =>
  named("GeneralError")(error) && /not supported by this server \(Postern\)/.test(String(error));

/** A call that is refused by name. */
export const refused = (ask: Ask, group: CallGroup, name: string, body: Record<string, unknown> = {}): Call => ({
  name,
  group,
  run: () => ask(name, body),
  refused: notSupported,
});

export const MESSAGE = {
  from_email: `hello@${DOMAIN}`,
  from_name: "Acme",
  subject: "Confirm",
  text: "Click",
};

let count = 0;
/** Addresses and names that no other call uses. */
export const fresh = (word: string): string => `${word}-${process.pid}-${(count += 1)}`;
export const address = (word: string): string => `${fresh(word)}@example.com`;

export const inAnHour = (hours = 1): string =>
  new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
