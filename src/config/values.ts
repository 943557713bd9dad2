import { isIP } from "node:net";
import { z } from "zod";
import { durationMs } from "../kernel/index.ts";
import type { Address } from "./settings.ts";

/** The small values of a configuration file, each with the sentence said when it is wrong. */

type Read<Value> = { value: Value } | { sentence: string };

/** A field read by `read` from whatever the file holds there. */
export const field = <Value>(read: (input: unknown) => Read<Value>) =>
  z.unknown().transform((input, context): Value => {
    const answer: Read<Value> = input === undefined || input === null ? { sentence: "is missing." } : read(input);
    if ("value" in answer) return answer.value;
    context.addIssue({ code: "custom", message: answer.sentence });
    return z.NEVER;
  });

/** What the file said, short and on one line, for a sentence. */
export const said = (input: unknown): string => {
  const text =
    typeof input === "string"
      ? JSON.stringify(input)
      : typeof input === "object"
        ? Array.isArray(input)
          ? "a list"
          : "a map"
        : String(input);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

/** One of a few words. */
export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  field((input) => {
    const found = words.find((word) => word === input) as Words[number] | undefined;
    return found === undefined
      ? { sentence: `must be one of ${words.join(", ")}; it says ${said(input)}.` }
      : { value: found };
  });

export const url = field((input) => {
  const parsed = typeof input === "string" && URL.canParse(input) ? new URL(input) : null;
  return parsed && (parsed.protocol === "https:" || parsed.protocol === "http:")
    ? { value: parsed.href }
    : { sentence: `must be an http or https address; it says ${said(input)}.` };
});

export const cidr = field((input) =>
  typeof input === "string" && /^[0-9a-fA-F:.]+\/\d{1,3}$/.test(input) && isCidr(input)
    ? { value: input }
    : { sentence: `must be a network such as 10.1.0.0/16 or 2001:db8::/48; it says ${said(input)}.` },
);
function isCidr(input: string): boolean {
  return z.union([z.cidrv4(), z.cidrv6()]).safeParse(input).success;
}

export const durationText = (ms: number): string => {
  for (const [unit, size] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
};

export const sizeText = (bytes: number): string => {
  for (const [unit, size] of [
    ["GiB", 2 ** 30],
    ["MiB", 2 ** 20],
    ["KiB", 2 ** 10],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
};

const between = (
  value: number,
  [least, greatest]: readonly [number, number],
  print: (n: number) => string,
): Read<number> =>
  value >= least && value <= greatest
    ? { value }
    : { sentence: `must be between ${print(least)} and ${print(greatest)}; it says ${print(value)}.` };

export const duration = (bounds: readonly [number, number]) =>
  field((input) => {
    const ms = typeof input === "string" ? durationMs(input) : input === 0 ? 0 : undefined;
    return ms === undefined
      ? { sentence: `must be a duration with its unit, such as 30s, 10m, 72h or 30d; it says ${said(input)}.` }
      : between(ms, bounds, durationText);
  });

const SIZE_UNITS: Record<string, number> = {
  "": 1,
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
};

export const size = (bounds: readonly [number, number]) =>
  field((input) => {
    const match = /^(\d+(?:\.\d+)?)\s?([KMG]?i?B?)$/.exec(String(input));
    const unit = match ? SIZE_UNITS[match[2]!] : undefined;
    return unit === undefined
      ? { sentence: `must be a size such as 512KiB, 10MiB or 1GiB; it says ${said(input)}.` }
      : between(Math.round(Number(match![1]) * unit), bounds, sizeText);
  });

export const count = (bounds: readonly [number, number]) =>
  field((input) =>
    typeof input === "number" && Number.isInteger(input)
      ? between(input, bounds, String)
      : { sentence: `must be a whole number; it says ${said(input)}.` },
  );

export const number = (bounds: readonly [number, number]) =>
  field((input) =>
    typeof input === "number"
      ? between(input, bounds, String)
      : { sentence: `must be a number; it says ${said(input)}.` },
  );

export const yesNo = field((input) =>
  typeof input === "boolean" ? { value: input } : { sentence: `must be true or false; it says ${said(input)}.` },
);

/** Names go into logs, metrics and URLs. */
export const name = field((input) =>
  typeof input === "string" && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(input)
    ? { value: input }
    : {
        sentence: `must be a name of lower-case letters, digits and hyphens, at most 63 characters; it says ${said(input)}.`,
      },
);

export const text = (what: string) =>
  field((input) =>
    typeof input === "string" && input !== "" && input.length <= 1024 && !/\p{Cc}/u.test(input)
      ? { value: input }
      : { sentence: `must be ${what}; it says ${said(input)}.` },
  );

/** RFC 1123 §2.1 host names; A-labels for what is not ASCII. */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

export const isHostName = (input: string): boolean => HOST_NAME.test(input.toLowerCase());
export const isHost = (input: string): boolean => isIP(input) !== 0 || isHostName(input);

export const host = field((input) =>
  typeof input === "string" && isHost(input)
    ? { value: input.toLowerCase() }
    : { sentence: `must be a host name or an IP address; it says ${said(input)}.` },
);

export const domain = field((input) =>
  typeof input === "string" && isHostName(input) && input.includes(".") && isIP(input) === 0
    ? { value: input.toLowerCase() }
    : {
        sentence: `must be a domain such as mail.example.com (written with xn-- where it is not ASCII); it says ${said(input)}.`,
      },
);

/** Port 0 lets the system choose one; tests do that. */
export const port = count([0, 65_535]);

export const address = field((input): Read<Address> => {
  const match = typeof input === "string" ? /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]]+)):(\d{1,5})$/.exec(input) : null;
  const hostPart = match?.[1] ?? match?.[2];
  const portPart = Number(match?.[3]);
  if (hostPart === undefined || portPart > 65_535 || !isHost(hostPart)) {
    return { sentence: `must be host:port, such as 127.0.0.1:2525 or [::1]:2525; it says ${said(input)}.` };
  }
  return { value: { host: hostPart.toLowerCase(), port: portPart } };
});

export const isLoopback = (hostText: string): boolean =>
  hostText === "localhost" || hostText === "::1" || (isIP(hostText) === 4 && hostText.startsWith("127."));
