import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import type { FreshDatabase } from "./postgres.ts";

/** A way to a database that can be cut: connections in use break, new ones are refused, as when the server is gone. */
export type DatabaseProxy = {
  url: string;
  cut(): void;
  restore(): Promise<void>;
  /** Connections stay, and nothing comes through any more, as behind a firewall that drops. */
  stall(): void;
  flow(): void;
  close(): void;
};

export async function databaseProxy({ target }: FreshDatabase): Promise<DatabaseProxy> {
  /** Each with the one its octets go to. */
  const sockets = new Map<Socket, Socket>();
  let flows = true;
  const server = createServer((socket) => {
    const behind = connect(`${target.host}/.s.PGSQL.${target.port}`);
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      sockets.set(one, other);
      one.on("error", () => {});
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      if (flows) one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    server.close();
    for (const socket of sockets.keys()) socket.destroy();
  };
  return {
    url: `postgres://${target.user}:${target.password}@127.0.0.1:${port}/${target.database}`,
    cut,
    stall() {
      flows = false;
      sockets.forEach((to, from) => from.unpipe(to));
    },
    flow() {
      flows = true;
      sockets.forEach((to, from) => from.pipe(to));
    },
    async restore() {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    close: cut,
  };
}
