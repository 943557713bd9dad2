import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import type { FreshDatabase } from "./postgres.ts";

/** A way to a database that can be cut: connections in use break, new ones are refused, as when the server is gone. */
export type DatabaseProxy = { url: string; cut(): void; restore(): Promise<void>; close(): void };

export async function databaseProxy({ target }: FreshDatabase): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const behind = connect(`${target.host}/.s.PGSQL.${target.port}`);
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `postgres://${target.user}:${target.password}@127.0.0.1:${port}/${target.database}`,
    cut,
    async restore() {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    close: cut,
  };
}
