import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { type Answer, decode, type DecodedPacket, encode } from "dns-packet";
import type { Address } from "../../../config/index.ts";
import type { Clock, Random } from "../../../kernel/index.ts";
import type { Ask, DnsAnswer, Lookups, RecordType } from "./answers.ts";

/** A validating resolver asks several servers itself; it answers from its store at once. */
const UDP_TIMEOUT_MS = 2_500;
const UDP_TRIES = 2;
const TCP_TIMEOUT_MS = 5_000;
/** What passes everywhere without fragments (the DNS flag day of 2020). */
const UDP_OCTETS = 1_232;
const TCP_OCTETS = 65_535;
/** RFC 1035 §4.1.1. */
const RD = 0x0100;
/** RFC 6840 §5.7: in a question, "tell me whether it is authentic". */
const AD = 0x0020;
/** More aliases in a row are a loop. */
const ALIASES = 10;

export type ResolverParts = { clock: Clock; random: Random };

/**
 * Asks one resolver, over UDP and again over TCP where the answer is cut (RFC 7766 §5), and tells whether it says that
 * the answer is authentic. What it says is believed, so it must be this machine's own or on a way that nobody else is on.
 * Each question has a socket of its own: port and id are 32 bits that a forger must guess.
 */
export const resolverAt =
  (address: Address, parts: ResolverParts): Ask =>
  async (name, type) => {
    const id = parts.random.bytes(2).readUInt16BE(0);
    const query = encoded(id, name, type);
    if (query === null) return { kind: "failed", reason: "malformed" };
    const isAnswer = (packet: DecodedPacket) => isAnswerTo(packet, id, name, type);
    let packet = await overUdp(query, address, parts.clock, isAnswer);
    if (typeof packet === "object" && packet.flag_tc) packet = await overTcp(query, address, parts.clock, isAnswer);
    if (typeof packet === "string") return { kind: "failed", reason: packet };
    return read(packet, name, type);
  };

/** Null for what is no name. */
function encoded(id: number, name: string, type: RecordType): Buffer | null {
  try {
    return encode({
      type: "query",
      id,
      flags: RD | AD,
      questions: [{ name, type }],
      additionals: [EDNS],
    });
  } catch {
    return null;
  }
}

/** RFC 6891 §6.2.3: how large a datagram may be. */
const EDNS = {
  type: "OPT" as const,
  name: ".",
  udpPayloadSize: UDP_OCTETS,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

type Heard = DecodedPacket | "timeout" | "malformed" | "refused";
type IsAnswer = (packet: DecodedPacket) => boolean;

async function overUdp(query: Buffer, address: Address, clock: Clock, isAnswer: IsAnswer): Promise<Heard> {
  for (let tries = 1; ; tries += 1) {
    const heard = await onceOverUdp(query, address, clock, isAnswer);
    if (heard !== "timeout" || tries === UDP_TRIES) return heard;
  }
}

function onceOverUdp(query: Buffer, { host, port }: Address, clock: Clock, isAnswer: IsAnswer): Promise<Heard> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    const end = (heard: Heard) => {
      timer.cancel();
      socket.removeAllListeners();
      socket.on("error", () => {});
      socket.close();
      resolve(heard);
    };
    const timer = clock.after(UDP_TIMEOUT_MS, () => end("timeout"));
    socket.on("error", () => end("refused"));
    socket.on("message", (octets) => {
      const packet = decoded(octets);
      if (packet && isAnswer(packet)) end(packet); // anything else is somebody else's: the right one may still come
    });
    // Connected: the system drops what comes from elsewhere, and tells where nobody listens.
    socket.connect(port, host, () => socket.send(query));
  });
}

function overTcp(query: Buffer, { host, port }: Address, clock: Clock, isAnswer: IsAnswer): Promise<Heard> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let input = Buffer.alloc(0);
    const end = (heard: Heard) => {
      timer.cancel();
      socket.destroy();
      resolve(heard);
    };
    const timer = clock.after(TCP_TIMEOUT_MS, () => end("timeout"));
    socket.on("error", () => end("refused"));
    socket.on("close", () => end("refused"));
    socket.on("connect", () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
    });
    socket.on("data", (chunk: Buffer) => {
      input = Buffer.concat([input, chunk]);
      if (input.length > TCP_OCTETS + 2) return end("malformed");
      if (input.length < 2 || input.length < 2 + input.readUInt16BE(0)) return;
      const packet = decoded(input.subarray(2, 2 + input.readUInt16BE(0)));
      end(packet && isAnswer(packet) ? packet : "malformed");
    });
  });
}

function decoded(octets: Buffer): DecodedPacket | null {
  try {
    return decode(octets);
  } catch {
    return null;
  }
}

const plain = (name: string): string => name.replace(/\.$/, "").toLowerCase();

function isAnswerTo(packet: DecodedPacket, id: number, name: string, type: RecordType): boolean {
  const [question] = packet.questions ?? [];
  return (
    packet.type === "response" &&
    packet.id === id &&
    question !== undefined &&
    question.type === type &&
    plain(question.name) === plain(name)
  );
}

function read<Type extends RecordType>(packet: DecodedPacket, name: string, type: Type): DnsAnswer<Type> {
  const rcode = (packet as unknown as { rcode: string }).rcode;
  const authentic = packet.flag_ad;
  if (rcode === "NXDOMAIN") return { kind: "none", exists: false, authentic, ttlS: negativeTtlOf(packet) };
  if (rcode !== "NOERROR") return { kind: "failed", reason: "refused" };
  const answers = packet.answers ?? [];
  let canonical = plain(name);
  for (let steps = 0; steps < ALIASES; steps += 1) {
    const alias = answers.find((one) => one.type === "CNAME" && plain(one.name) === canonical);
    if (alias?.type !== "CNAME") break;
    canonical = plain(alias.data);
  }
  const own = answers.filter((one) => one.type === type && plain(one.name) === canonical);
  if (own.length === 0) return { kind: "none", exists: true, authentic, ttlS: negativeTtlOf(packet) };
  const records = own.map((one) => RECORD[type](one) as Lookups[Type]);
  const ttlS = Math.min(...answers.map((one) => ("ttl" in one ? (one.ttl ?? 0) : 0)));
  return { kind: "records", records, canonical, authentic, ttlS };
}

/** RFC 2308 §5: the lesser of the SOA's own TTL and its minimum; 0 where there is none. */
function negativeTtlOf(packet: DecodedPacket): number {
  const soa = (packet.authorities ?? []).find((one) => one.type === "SOA");
  return soa?.type === "SOA" ? Math.min(soa.ttl ?? 0, soa.data.minimum ?? 0) : 0;
}

const RECORD: { [Type in RecordType]: (answer: Answer) => Lookups[Type] } = {
  MX: (answer) => {
    const { preference, exchange } = (answer as { data: { preference?: number; exchange: string } }).data;
    return { preference: preference ?? 0, exchange: plain(exchange) };
  },
  A: (answer) => (answer as { data: string }).data,
  AAAA: (answer) => (answer as { data: string }).data,
  // RFC 8461 §3.1, RFC 8460 §3: the strings of one record are one text.
  TXT: (answer) => {
    const { data } = answer as { data: string | Buffer | (string | Buffer)[] };
    return [data].flat().map(String).join("");
  },
  TLSA: (answer) => {
    const { usage, selector, matchingType, certificate } = (
      answer as { data: { usage: number; selector: number; matchingType: number; certificate: Buffer } }
    ).data;
    return { usage, selector, matchingType, data: certificate };
  },
};
