import { html, type Html } from "./html.ts";

const two = (value: number) => String(value).padStart(2, "0");

/** Day and clock time, as one line of text. */
export function dayTimeOf(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}" data-day>${iso.replace("T", " ").replace(/\.\d+Z$/, " UTC")}</time>`;
}

/** Clock time where Postern runs, which is almost always where the reader sits; lab.js turns it into the browser's own. */
export function timeOf(at: number): Html {
  const date = new Date(at);
  const text = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return html`<time datetime="${date.toISOString()}">${text}</time>`;
}

export function sizeText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  if (bytes < 1_024 * 1_024) return `${(bytes / 1_024).toFixed(1)} KiB`;
  return `${(bytes / (1_024 * 1_024)).toFixed(1)} MiB`;
}

/** The class that gives a provider its colour, by its place in the settings. */
export const colourOf = (index: number): string => `p${Math.max(index, 0) % 8}`;

export const countText = (count: number): string => count.toLocaleString("en-US");
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`;
