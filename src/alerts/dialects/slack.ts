import { linesOf } from "../wording.ts";
import { cut, type Dialect, json } from "./dialect.ts";

/** "Formatting message text", docs.slack.dev: these three are markup; `<!channel>` in a text would call everybody. */
const plain = (text: string, most: number): string =>
  cut(text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"), most).replace(
    /&[a-z]{0,3}…$/,
    "…",
  );

const HEADLINE = 300;
const SECTION = 3_000;

/**
 * "Incoming webhooks" of Slack's own SDK (slack.dev/python-slack-sdk/webhook, read 2026-11-25): POST JSON, answered by 200
 * "ok". `text` is what a notification shows, `blocks` what the channel shows. "Section block" (docs.slack.dev, by way of the
 * models on docs.rs/slack-blocks, read the same day): its text holds 3,000 characters.
 */
export const slack: Dialect = ({ wording, source }, target) => {
  const headline = plain(wording.headline, HEADLINE);
  return json(target.url!.reveal(), {
    text: headline,
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: `*${headline}*` } },
      { type: "section", text: { type: "mrkdwn", text: plain(linesOf(wording).join("\n"), SECTION) } },
      { type: "context", elements: [{ type: "mrkdwn", text: plain(source, HEADLINE) }] },
    ],
  });
};
