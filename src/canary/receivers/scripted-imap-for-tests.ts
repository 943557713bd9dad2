import { once } from "node:events";
import { type AddressInfo, type Socket, createServer } from "node:net";

export type ScriptedImap = {
  port: number;
  /** Mail that comes in; those who wait (IDLE) are told. @returns its number */
  add(raw: string): number;
  /** Mail that the server takes for spam: nobody is told. */
  addSpam(raw: string): number;
  readonly spam: ReadonlyMap<number, string>;
  readonly messages: ReadonlyMap<number, string>;
  readonly logins: string[];
  readonly idling: number;
  /** Connections break, as they do. */
  breakAll(): void;
  stop(): Promise<void>;
};

/** As much of an IMAP server (RFC 9051) as reads one mailbox and its folder for spam: log in, select, search by a field, fetch, delete, wait. */
export async function scriptedImap(password: string): Promise<ScriptedImap> {
  const inbox = new Map<number, string>();
  const spam = new Map<number, string>();
  const open = new Map<Socket, Map<number, string>>();
  const logins: string[] = [];
  const sockets = new Set<Socket>();
  const idling = new Map<Socket, string>();
  const deleted = new Set<number>();
  let nextUid = 1;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => (sockets.delete(socket), idling.delete(socket)));
    socket.on("error", () => {});
    socket.setEncoding("latin1");
    socket.write("* OK ready\r\n");
    let heard = "";
    socket.on("data", (piece: string) => {
      heard += piece;
      for (let end = heard.indexOf("\r\n"); end !== -1; end = heard.indexOf("\r\n")) {
        const line = heard.slice(0, end);
        heard = heard.slice(end + 2);
        answer(socket, line);
      }
    });
  });
  const answer = (socket: Socket, line: string): void => {
    const say = (...lines: string[]) => socket.write(lines.map((one) => `${one}\r\n`).join(""));
    if (line.toUpperCase() === "DONE") {
      say(`${idling.get(socket)} OK`);
      return void idling.delete(socket);
    }
    const [tag = "", ...words] = line.split(" ");
    const command = words.join(" ").toUpperCase();
    if (command.startsWith("SELECT")) open.set(socket, /junk/i.test(line) ? spam : inbox);
    const messages = open.get(socket) ?? inbox;
    const uids = [...messages.keys()];
    if (command === "CAPABILITY") say("* CAPABILITY IMAP4rev1 IDLE UIDPLUS", `${tag} OK`);
    else if (command.startsWith("LOGIN")) {
      const good = line.endsWith(` ${password}`) || line.endsWith(` "${password}"`);
      logins.push(good ? "good" : "wrong");
      say(good ? `${tag} OK` : `${tag} NO [AUTHENTICATIONFAILED] wrong`);
    } else if (command.startsWith("SELECT"))
      say(
        `* ${uids.length} EXISTS`,
        "* FLAGS (\\Deleted)",
        "* OK [UIDVALIDITY 1]",
        `* OK [UIDNEXT ${nextUid}]`,
        `${tag} OK [READ-WRITE]`,
      );
    else if (command === 'LIST "" ""') say('* LIST (\\Noselect) "/" ""', `${tag} OK`);
    else if (command.startsWith("LIST"))
      say('* LIST (\\HasNoChildren) "/" "INBOX"', '* LIST (\\HasNoChildren \\Junk) "/" "Junk"', `${tag} OK`);
    else if (command.startsWith("UID SEARCH")) {
      const found = uids.filter((uid) => /^x-postern-id:/im.test(messages.get(uid)!.split("\r\n\r\n")[0]!));
      say(`* SEARCH ${found.join(" ")}`.trim(), `${tag} OK`);
    } else if (command.startsWith("UID FETCH")) {
      const uid = Number(words[2]);
      const raw = messages.get(uid);
      if (raw !== undefined) say(`* ${uids.indexOf(uid) + 1} FETCH (UID ${uid} BODY[]<0> {${raw.length}}`, `${raw})`);
      say(`${tag} OK`);
    } else if (command.startsWith("UID STORE")) {
      for (const uid of words[2]!.split(",").map(Number)) deleted.add(uid);
      say(`${tag} OK`);
    } else if (command.startsWith("UID EXPUNGE") || command === "EXPUNGE") {
      for (const uid of deleted) {
        say(`* ${[...messages.keys()].indexOf(uid) + 1} EXPUNGE`);
        messages.delete(uid);
      }
      deleted.clear();
      say(`${tag} OK`);
    } else if (command === "IDLE") {
      idling.set(socket, tag);
      say("+ idling");
    } else if (command === "LOGOUT") socket.end(`* BYE\r\n${tag} OK\r\n`);
    else say(`${tag} OK`);
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    messages: inbox,
    spam,
    logins,
    get idling() {
      return idling.size;
    },
    add(raw) {
      inbox.set(nextUid, raw);
      for (const socket of idling.keys()) socket.write(`* ${inbox.size} EXISTS\r\n`);
      return nextUid++;
    },
    addSpam(raw) {
      spam.set(nextUid, raw);
      return nextUid++;
    },
    breakAll() {
      for (const socket of sockets) socket.destroy();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
