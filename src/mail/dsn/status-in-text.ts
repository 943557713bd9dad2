import { isVague } from "./status-class.ts";

/** RFC 3463 §2: class.subject.detail. Not inside of a longer number with dots: an address of IPv4 is no status. */
const ENHANCED = /(?<![\d.])([245]\.\d{1,2}\.\d{1,3})(?![\d]|\.\d)/g;
/** RFC 5321 §4.2: a reply of three digits, where a line or a sentence begins, or said to be one. */
const REPLY = /(?:^|[\s:>;'"(]|\b(?:error|code|said|says)[: ]{1,3})([45][0-5]\d)(?=[\s:;,)\]-]|$)/;

/** Replies whose meaning is one status. 550 means too many things (RFC 5321 §4.2.3: "not found, no access, or … policy"). */
const REPLIES: Readonly<Record<string, string>> = {
  "421": "4.3.2",
  "450": "4.2.0",
  "451": "4.3.0",
  "452": "4.3.1",
  "521": "5.3.2",
  "551": "5.1.6",
  "552": "5.2.2",
  "553": "5.1.3",
  "556": "5.1.10",
};

/**
 * What servers and their reporters write where no code tells why. Each gives the status that says the same; the first
 * that is found counts, so what is particular stands before what is general.
 */
const PHRASES: readonly { says: RegExp; status: string }[] = [
  {
    says: /(?:over|exceed\w*|out of|disk|storage|mailbox)[ -]{0,2}(?:its |the |his |her )?(?:disk |storage |mailbox )?quota|quota (?:is )?(?:exceed|full|reach)|mail ?box(?: is|'s)? ?(?:full|too large)|full mailbox|mail(?:box)? (?:size )?limit exceeded|insufficient (?:disk|storage|space)|exceeded storage|over ?quota|messages in recipient's mailbox exceeded/i,
    status: "5.2.2",
  },
  {
    says: /too (?:big|large|long)\b|(?:message|mail) size|size limit|maximum[\w -]{0,30}size|exceeds? (?:the )?(?:max|size)/i,
    status: "5.3.4",
  },
  {
    says: /(?:host|domain)[\w .:()<>@-]{0,80}(?:not (?:be )?(?:found|exist)|unknown|does(?: not|n't) exist|unresolvable|lookup fail\w*)|unknown (?:host|domain)|bad destination host|no such (?:host|domain)|unrouteable (?:mail )?domain|couldn't find any host|illegal host\/domain|name or service not known|no mail hosts? for domain|no mx record|no mail exchanger|indicated no smtp service/i,
    status: "5.1.2",
  },
  {
    says: /(?:user|recipient|mailbox|account|address|addressee|local part|inbox|userid|ml|member)s?[\w .:'"()<>@=+/-]{0,80}(?:unknown|not (?:be )?(?:found|exist|known|recogni[sz]ed|listed|valid)|does(?: not|n't) exist|invalid|non-?exist|isn't (?:valid|known))|(?:unknown|invalid|no such|bad|illegal|non-?existent|unrecogni[sz]ed|undefined|incorrect)[\w -]{0,30}(?:user|recipient|mailbox|account|address|person|alias|local|name)|no (?:mailbox|account|user)\b|doesn't have an? [\w.-]{1,60} account|did not exactly match|no matches|unroute?able address|(?:email|mail) address wasn.?t found|couldn't be found|address (?:is )?not found|not our customer|user not local|does not have a final|not a (?:valid|known|registered)|unable to find/i,
    status: "5.1.1",
  },
  {
    says: /(?:mailbox|account|user|recipient)[\w .:'"()<>@=-]{0,60}(?:disabled|discontinued|inactive|suspended|closed|deactivated|expired|terminated|locked|unavailable)|no longer (?:active|valid|in use|available|works?)/i,
    status: "5.2.1",
  },
  {
    says: /spam|\bblock(?:ed|list)|black ?list|\bRBL\b|polic(?:y|ies)|reputation|not (?:allowed|permitted|authori[sz]ed)|access denied|den(?:ied|y)|relay|virus|refus(?:ed|al) (?:by|to accept)|rejected (?:by|for)|DMARC|SPF|content (?:filter|reject)|not accepting mail from|not (?:a )?member|blocking/i,
    status: "5.7.1",
  },
  { says: /too many hops|hop count|routing loop|mail loop|loops? (?:back|detected)/i, status: "5.4.6" },
  {
    says: /in the queue too long|timed? ?out|expired|too long|retry time ?out|not been collected|within \d+ (?:days?|hours?)|(?:for|after|in) [\d.]+ (?:day|hour)|\d+ attempts/i,
    status: "4.4.7",
  },
  {
    says: /connection (?:was )?(?:refused|reset|closed|lost|dropped)|(?:could|can)(?:not| not|n't) connect|not respond|not reachable|unreachable|no route|wasn't able to establish|no answer|network error/i,
    status: "4.4.1",
  },
];

/** A status for what is written about one recipient; null where nothing is recognised. Codes first, words only without them. */
export function statusInText(text: string): string | null {
  const bounded = text.slice(0, 8_000);
  const codes = [...bounded.matchAll(ENHANCED)].map((match) => match[1]!);
  const precise = codes.find((code) => !isVague(code) && !code.startsWith("2."));
  if (precise !== undefined) return precise;
  const reply = REPLY.exec(bounded)?.[1];
  const byReply = reply === undefined ? undefined : REPLIES[reply];
  const said = PHRASES.find(({ says }) => says.test(bounded))?.status;
  if (said !== undefined) return reply?.startsWith("4") ? `4${said.slice(1)}` : said;
  return byReply ?? codes.find((code) => !code.startsWith("2.")) ?? (reply === undefined ? null : `${reply[0]}.0.0`);
}
