/** RFC 8461 §3.2: how mail for a domain must travel, and which servers may take it. */
export type StsPolicy = {
  mode: "enforce" | "testing" | "none";
  /** `mx.example.net` or `*.example.net`, lower case. */
  mx: readonly string[];
  maxAgeS: number;
};

/** RFC 8461 §3.2: about a year. */
const MAX_AGE_S = 31_557_600;
const MX_PATTERN = /^(?:\*\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/**
 * The id in a domain's `_mta-sts` TXT records (RFC 8461 §3.1). More than one record of this version counts as none.
 * Null: the domain has no policy.
 */
export function stsIdIn(texts: readonly string[]): string | null {
  const ours = texts.filter((text) => /^v=STSv1[ \t]*;/.test(text));
  if (ours.length !== 1) return null;
  for (const field of ours[0]!.split(";").slice(1)) {
    const id = /^[ \t]*id=(.*?)[ \t]*$/.exec(field)?.[1];
    if (id !== undefined) return /^[A-Za-z0-9]{1,32}$/.test(id) ? id : null;
  }
  return null;
}

/** A policy file (RFC 8461 §3.2); null for what is none. Of a repeated field the first counts; unknown ones are passed over. */
export function parseStsPolicy(text: string): StsPolicy | null {
  const fields = new Map<string, string>();
  const mx: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^[ \t]*([A-Za-z0-9][\w.-]{0,31}):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (key === undefined || value === undefined) {
      if (line.trim() === "") continue;
      return null;
    }
    if (key === "mx") mx.push(value.toLowerCase());
    else if (!fields.has(key)) fields.set(key, value);
  }
  const mode = (["enforce", "testing", "none"] as const).find((one) => one === fields.get("mode"));
  const age = fields.get("max_age") ?? "";
  if (fields.get("version") !== "STSv1" || mode === undefined || !/^\d{1,10}$/.test(age)) return null;
  if (mode !== "none" && mx.length === 0) return null;
  if (!mx.every((one) => MX_PATTERN.test(one))) return null;
  return { mode, mx, maxAgeS: Math.min(Number(age), MAX_AGE_S) };
}

/** RFC 8461 §4.1: the same name, or one label more than a pattern with a star. */
export function stsNames(policy: StsPolicy, host: string): boolean {
  const above = host.slice(host.indexOf(".") + 1);
  return policy.mx.some(
    (one) => one === host || (one.startsWith("*.") && host.includes(".") && one.slice(2) === above),
  );
}
