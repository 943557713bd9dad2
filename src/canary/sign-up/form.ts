import type { SignUpSettings } from "../../config/index.ts";

export type FormCall = { url: string; method: string; headers: Record<string, string>; body: string | null };

/** The call that a form or a hook gets, with an address and a password made up for it. Pure. */
export function formCall(settings: SignUpSettings, made: { address: string; password: string }): FormCall {
  const filled = (text: string): string =>
    text.replaceAll("{address}", made.address).replaceAll("{password}", made.password);
  const fields = Object.fromEntries(Object.entries(settings.fields).map(([key, value]) => [key, filled(value)]));
  const headers = headersOf(settings);
  const url = new URL(settings.url);
  for (const [key, value] of url.searchParams) url.searchParams.set(key, filled(value));
  const { method } = settings;
  if (method === "GET") {
    for (const [key, value] of Object.entries(fields)) url.searchParams.set(key, value);
    return { url: url.href, method, headers, body: null };
  }
  return settings.encoding === "json"
    ? {
        url: url.href,
        method,
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(fields),
      }
    : {
        url: url.href,
        method,
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
        body: new URLSearchParams(fields).toString(),
      };
}

export const headersOf = (settings: Pick<SignUpSettings, "headers">): Record<string, string> =>
  Object.fromEntries(Object.entries(settings.headers).map(([key, value]) => [key, value.reveal()]));
