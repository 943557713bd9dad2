import { signedHeaders } from "../../notify/index.ts";
import { type Dialect, json } from "./dialect.ts";

/** Our own words, signed as webhooks of tenants are (Standard Webhooks 1.0.0). A telling is known again by `webhook-id`. */
export const webhook: Dialect = ({ alert, telling, id, tellingId, source, wording, acknowledgedBy, now }, target) => {
  const { key, at, ...about } = alert;
  const { title, happened: text, did, affected, next, takeOn } = wording;
  const call = json(target.url!.reveal(), {
    type: `alert.${telling}`,
    id,
    key,
    ...about,
    title,
    text,
    did,
    affected,
    next,
    takeOn,
    acknowledgedBy,
    source,
    at: new Date(at).toISOString(),
  });
  return { ...call, headers: { ...call.headers, ...signedHeaders(tellingId, call.body, target.key!, now) } };
};
