import { hash } from "node:crypto";

/**
 * Groups of receivers: the big mailbox providers by the domains they give to people. A closed set, because each has its
 * latencies and each is a metric's label. All others are spread over four buckets by name, so that mail to companies
 * alone still shows whether more than one receiver is silent.
 */
const DOMAINS: Readonly<Record<string, readonly string[]>> = {
  gmail: ["gmail.com", "googlemail.com"],
  microsoft: [
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "outlook.de",
    "hotmail.de",
    "live.de",
    "hotmail.fr",
    "hotmail.co.uk",
    "live.co.uk",
    "outlook.fr",
    "live.fr",
    "hotmail.it",
    "outlook.it",
    "hotmail.es",
    "outlook.es",
    "live.nl",
    "passport.com",
  ],
  yahoo: [
    "yahoo.com",
    "ymail.com",
    "rocketmail.com",
    "aol.com",
    "yahoo.de",
    "yahoo.fr",
    "yahoo.co.uk",
    "yahoo.it",
    "yahoo.es",
    "yahoo.co.jp",
    "yahoo.co.in",
    "yahoo.com.br",
    "aol.de",
    "myyahoo.com",
  ],
  apple: ["icloud.com", "me.com", "mac.com", "privaterelay.appleid.com"],
  gmx: ["gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de", "mail.com", "1und1.de"],
  telekom: ["t-online.de", "magenta.de"],
  proton: ["proton.me", "protonmail.com", "pm.me"],
  orange: ["orange.fr", "wanadoo.fr"],
  free: ["free.fr", "libero.it"],
  yandex: ["yandex.ru", "yandex.com", "ya.ru"],
  mailru: ["mail.ru", "inbox.ru", "list.ru", "bk.ru"],
  tencent: ["qq.com", "foxmail.com"],
  netease: ["163.com", "126.com", "yeah.net"],
};
const OTHERS = 4;

const GROUP_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(DOMAINS).flatMap(([group, domains]) => domains.map((domain) => [domain, group] as const)),
);

/** @param domain of a recipient, lower case */
export function groupOf(domain: string): string {
  return GROUP_OF.get(domain) ?? `other-${(hash("sha256", domain, "buffer")[0]! % OTHERS) + 1}`;
}
