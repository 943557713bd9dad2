import {
  type Answer,
  AUTHENTIC_DATA,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  type Packet,
  type Question,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from "dns-packet";
import type { LabZone } from "./zone.ts";

/** RFC 1035 §4.1.1. */
const RCODE = { ok: 0, malformed: 1, failed: 2, noName: 3, notHere: 4 };
const OPCODE_BITS = 0x7800;
/** RFC 1035 §4.2.1, and what the DNS flag day of 2020 found to pass everywhere. */
const UDP_OCTETS = 512;
const UDP_OCTETS_AT_MOST = 1_232;
/** More aliases in a row are a loop. */
const ALIASES = 10;
const STRING_OCTETS = 255; // RFC 1035 §3.3: one <character-string>

export type Transport = "udp" | "tcp";

/** The response to one query as octets; null where none is due: no query, or a name with the fault `no-answer`. */
export function answerTo(query: Buffer, zone: LabZone, transport: Transport): Buffer | null {
  if (query.length < 12 || (query[2]! & 0x80) !== 0) return null; // RFC 1035 §4.1.1: a response is never answered
  const asked = decoded(query);
  if (asked === null) return encode({ type: "response", id: query.readUInt16BE(0), flags: RCODE.malformed });
  const [question] = asked.questions ?? [];
  if (((asked.flags ?? 0) & OPCODE_BITS) !== 0 || !question || question.class !== "IN")
    return encode(responseTo(asked, { rcode: RCODE.notHere }));
  if (zone.faultOf(question.name) === "no-answer") return null;
  const response = responseTo(asked, lookUp(question, zone));
  const octets = encode(response);
  if (transport === "tcp" || octets.length <= roomOf(asked)) return octets;
  // RFC 2181 §9: nobody may use the rest of a truncated response, so it is left out.
  return encode({ ...response, flags: (response.flags ?? 0) | TRUNCATED_RESPONSE, answers: [], authorities: [] });
}

function decoded(query: Buffer): DecodedPacket | null {
  try {
    const packet = decode(query);
    // What is written back must be what was read; a name of other octets would grow.
    return (packet.questions ?? []).every(({ name }) => /^[!-~]+$/.test(name)) ? packet : null;
  } catch {
    return null;
  }
}

type Found = { rcode: number; answers?: Answer[]; isSigned?: boolean };

function lookUp({ name, type }: Question, zone: LabZone): Found {
  const answers: Answer[] = [];
  let owner = name;
  let isSigned = true;
  for (let steps = 0; steps <= ALIASES; steps += 1) {
    isSigned &&= zone.isSigned(owner);
    if (zone.faultOf(owner) !== null) return { rcode: RCODE.failed };
    const looked = zone.look(owner, type);
    switch (looked.kind) {
      case "alias":
        answers.push({ type: "CNAME", name: owner, ttl: 0, data: looked.to });
        owner = looked.to;
        continue;
      case "records":
        answers.push(...looked.data.map((data) => recordOf(owner, looked.type, data)));
        return { rcode: RCODE.ok, answers, isSigned };
      case "no-data":
        return { rcode: RCODE.ok, answers, isSigned };
      case "no-name":
        return { rcode: RCODE.noName, answers, isSigned };
    }
  }
  return { rcode: RCODE.failed };
}

/** ttl 0: what is changed in the lab is changed at once. */
const recordOf = (name: string, type: string, data: unknown): Answer =>
  ({ name, type, ttl: 0, data: type === "TXT" ? stringsOf(data as string | Buffer) : data }) as Answer;

function stringsOf(text: string | Buffer): Buffer[] {
  const octets = Buffer.from(text);
  const strings: Buffer[] = [];
  for (let at = 0; at === 0 || at < octets.length; at += STRING_OCTETS)
    strings.push(octets.subarray(at, at + STRING_OCTETS));
  return strings;
}

function responseTo(asked: DecodedPacket, { rcode, answers = [], isSigned = false }: Found): Packet {
  const edns = ednsOf(asked);
  // RFC 6840 §5.8: AD only to those who asked for it, by AD or by DO.
  const isAuthentic = isSigned && (asked.flag_ad || edns?.flag_do === true);
  return {
    type: "response",
    id: asked.id ?? 0,
    flags:
      rcode |
      ((asked.flags ?? 0) & (OPCODE_BITS | RECURSION_DESIRED)) |
      AUTHORITATIVE_ANSWER |
      RECURSION_AVAILABLE |
      (isAuthentic ? AUTHENTIC_DATA : 0),
    questions: asked.questions ?? [],
    answers,
    // RFC 2308 §2.2: the SOA tells "nothing here" from "ask elsewhere"; minimum 0, so that nobody remembers it.
    authorities:
      answers.length > 0 || rcode === RCODE.failed || rcode === RCODE.notHere
        ? []
        : [{ type: "SOA", name: ".", ttl: 0, data: { mname: "ns.lab.test", rname: "hostmaster.lab.test", serial: 1 } }],
    additionals: edns
      ? [
          {
            type: "OPT",
            name: ".",
            udpPayloadSize: UDP_OCTETS_AT_MOST,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: edns.flags & 0x8000, // RFC 3225 §3: DO comes back as it was sent
            flag_do: edns.flag_do,
            options: [],
          },
        ]
      : [],
  };
}

const ednsOf = (asked: DecodedPacket) => (asked.additionals ?? []).find((record) => record.type === "OPT");

/** RFC 6891 §6.2.3: what the client says it takes, at least 512. */
const roomOf = (asked: DecodedPacket): number =>
  Math.min(Math.max(ednsOf(asked)?.udpPayloadSize ?? UDP_OCTETS, UDP_OCTETS), UDP_OCTETS_AT_MOST);
