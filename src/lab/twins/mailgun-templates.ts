import type { AccountThing, TwinAccount } from "./account.ts";
import type { TwinReply, TwinRequest } from "./dialect.ts";

const MADE_AT = "Thu, 13 Oct 2022 18:02:00 UTC";

/** A page from `p` on; the next one is always named, and empty at the end ("Event Polling" and the lists of suppressions). */
export function cursorPage(
  { headers, query }: TwinRequest,
  path: string,
  all: readonly AccountThing[],
  row: (thing: AccountThing) => object,
): TwinReply {
  const limit = Number(query.get("limit") ?? 100);
  const [from, to] = [Number(query.get("p") ?? 0), Number(query.get("p") ?? 0) + limit];
  const base = `https://${headers["host"] ?? "api.mailgun.net"}${path}`;
  const at = (p: number): string => `${base}?page=next&p=${p}&limit=${limit}`;
  const paging = { first: base, last: at(all.length), next: at(Math.min(to, all.length)), previous: base };
  return { status: 200, body: { items: all.slice(from, to).map(row), paging } };
}

type Version = { tag: string; active?: boolean } & Record<string, unknown>;

/** Templates of a domain; a thing has `versions: [{ tag, active, template, headers }]`. Lists give no sources. */
export function mailgunTemplates(
  rest: string,
  path: string,
  request: TwinRequest,
  account: TwinAccount,
): TwinReply | null {
  const [, name, versions, tag] = rest.split("/").map(decodeURIComponent);
  if (name === undefined) return cursorPage(request, path, [...account.things("template").values()], rowOf);
  const thing = account.things("template").get(name);
  if (!thing) return { status: 404, body: { message: "template not found" } };
  const all = (thing["versions"] ?? []) as Version[];
  if (versions === undefined) return { status: 200, body: { template: rowOf(thing) } };
  if (tag === undefined) {
    const listed = all.map((one) => ({ ...versionOf(one), template: "", headers: {} }));
    return { status: 200, body: { template: { ...rowOf(thing), versions: listed }, paging: {} } };
  }
  const version = all.find((one) => one.tag === tag);
  if (!version) return { status: 404, body: { message: "template version not found" } };
  return { status: 200, body: { template: { ...rowOf(thing), version: versionOf(version) } } };
}

const rowOf = ({ id }: AccountThing): object => ({ name: id, description: "", createdAt: MADE_AT, createdBy: "", id });
const versionOf = (one: Version): object => ({
  engine: "handlebars",
  mjml: "",
  createdAt: MADE_AT,
  comment: "",
  headers: {},
  ...one,
  active: one.active === true,
});
