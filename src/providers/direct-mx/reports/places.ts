/** Where a domain wants its reports: RFC 8460 §3, the `rua` of its `_smtp._tls` record. */
export type ReportPlaces = { https: string[]; mailto: string[] };

/** Null: it wants none, or says so in more than one record. */
export function placesIn(texts: readonly string[]): ReportPlaces | null {
  const ours = texts.filter((text) => /^v=TLSRPTv1[ \t]*;/.test(text));
  if (ours.length !== 1) return null;
  const rua = ours[0]!
    .split(";")
    .map((field) => /^\s*rua\s*=\s*(.+?)\s*$/.exec(field)?.[1])
    .find((value) => value !== undefined);
  if (rua === undefined) return null;
  const uris = rua.split(",").map((one) => one.trim());
  return {
    https: uris.filter((one) => /^https:\/\//i.test(one) && URL.canParse(one)).slice(0, MOST),
    mailto: uris.filter((one) => /^mailto:/i.test(one)).slice(0, MOST),
  };
}

/** More places are somebody's joke. */
const MOST = 3;
