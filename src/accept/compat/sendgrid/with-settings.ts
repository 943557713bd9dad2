import type { Body } from "./body.ts";
import type { SendGridMail } from "./read.ts";

const textIn = (setting: object, member: string): string => {
  const value = (setting as Record<string, unknown>)[member];
  return typeof value === "string" ? value : "";
};

/** The footer, and the place of the tracking pixel that is not put in. */
export function withSettings(body: Body, { mail_settings, tracking_settings }: SendGridMail): Body {
  const footer = mail_settings?.["footer"];
  const mark = textIn(tracking_settings?.["open_tracking"] ?? {}, "substitution_tag");
  const without = (text: string | null): string | null => (mark === "" ? text : (text?.replaceAll(mark, "") ?? null));
  const [html, text] = [without(body.html), without(body.text)];
  if (!footer?.enable) return { ...body, html, text };
  return {
    ...body,
    html: html === null ? null : beforeEnd(html, textIn(footer, "html")),
    text: text === null ? null : `${text}${textIn(footer, "text")}`,
  };
}

function beforeEnd(html: string, footer: string): string {
  const end = html.toLowerCase().lastIndexOf("</body>");
  return end < 0 ? `${html}${footer}` : `${html.slice(0, end)}${footer}${html.slice(end)}`;
}
