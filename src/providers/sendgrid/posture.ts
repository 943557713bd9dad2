import type { Asked, PostureItem } from "../account.ts";
import { textOf, recordOf } from "../json-reading.ts";
import { type Ask, listIn } from "./ask.ts";
import { type ConfigurationList, KEY_DETAILS, LISTS, SETTINGS } from "./configuration.ts";
import { keyScopes, single } from "./configuration-items.ts";

/** Pages of one list; more is told as an item of its own, so that nobody takes a part for the whole. */
const PAGES = 20;

/**
 * How the account is configured, read list by list (configuration.ts). What this key may not read, or this plan has not,
 * is an item too: a right that goes away is a change. Anything else that fails makes the whole unavailable: half a
 * posture would look as if things had been removed.
 */
export async function postureIn(ask: Ask): Promise<Asked<PostureItem[]>> {
  const items: PostureItem[] = [];
  for (const list of LISTS) {
    const found = await itemsOf(ask, list);
    if (typeof found === "string") return { kind: "unavailable", reason: found };
    items.push(...found);
  }
  for (const [path, kind] of SETTINGS) {
    const told = await ask(path);
    if (told.kind === "silent") return { kind: "unavailable", reason: told.reason };
    items.push(told.kind === "told" ? single(kind, path, told.json) : unreadable(path, told.status));
  }
  for (const key of items.filter(({ kind, id }) => kind === "key" && !id.startsWith(UNREADABLE))) {
    const told = await ask(`${KEY_DETAILS}/${encodeURIComponent(key.id)}`);
    if (told.kind === "silent") return { kind: "unavailable", reason: told.reason };
    if (told.kind === "told") Object.assign(key.facts, keyScopes(told.json));
  }
  return { kind: "answer", value: items };
}

async function itemsOf(ask: Ask, list: ConfigurationList): Promise<PostureItem[] | string> {
  const items: PostureItem[] = [];
  let place: string | null = list.pages === null ? "" : list.pages.first;
  for (let page = 0; place !== null; page += 1) {
    if (page === PAGES) return [...items, { kind: list.kind, id: `more:${list.path}`, facts: { isCut: true } }];
    const told = await ask(`${list.path}${place === "" ? "" : `${list.path.includes("?") ? "&" : "?"}${place}`}`);
    if (told.kind === "silent") return told.reason;
    if (told.kind === "refused") return [...items, unreadable(list.path, told.status)];
    const entries = listIn(told.json, list.name);
    if (entries === null) return `${list.path}: no list`;
    for (const entry of entries) {
      const item = list.item(recordOf(entry), entry);
      if (item !== null) items.push(item);
    }
    place = list.pages?.next(entries, told.json, page) ?? null;
  }
  return items;
}

const UNREADABLE = "unreadable:";
const unreadable = (path: string, status: number): PostureItem => ({
  kind: "setting",
  id: `${UNREADABLE}${textOf(path.replace(/\?.*$/, ""))}`,
  facts: { status },
});
