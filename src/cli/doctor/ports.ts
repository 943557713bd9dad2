import { createServer } from "node:net";
import { type Address, type Settings, labAddressOf } from "../../config/index.ts";
import type { Clock } from "../../kernel/index.ts";
import { greeting } from "./greeting.ts";
import { type Check, ok, wrong } from "./check.ts";

type Door = { name: string; address: Address; speaks: "smtp" | "tls" | "http"; move: string; hostname?: string };

/** Each address Postern listens on is free, or held by a Postern. */
export function checkPorts(settings: Settings, clock: Clock): Promise<Check[]> {
  return Promise.all(doorsOf(settings).map((door) => checkDoor(door, door.hostname ?? settings.hostname, clock)));
}

function doorsOf({ listen, lab, providers, canaries }: Settings): Door[] {
  const door = (key: "smtp" | "smtps" | "http", speaks: Door["speaks"], variable: string): Door[] => {
    const address = listen[key];
    const move = lab ? `set ${variable}` : `set listen.${key}`;
    return address === null ? [] : [{ name: `port ${key}`, address, speaks, move }];
  };
  return [
    ...door("smtp", "smtp", "POSTERN_SMTP_PORT"),
    ...door("smtps", "tls", "POSTERN_SMTP_PORT"),
    ...door("http", "http", "POSTERN_HTTP_PORT"),
    ...(canaries?.receivers ?? []).flatMap((one, n): Door[] =>
      one.kind === "mx"
        ? [
            {
              name: `receiver ${one.name}`,
              address: one.listen,
              speaks: "smtp",
              move: `set canaries.receivers[${n}].listen`,
              ...(one.hostname === null ? {} : { hostname: one.hostname }),
            },
          ]
        : [],
    ),
    ...(lab
      ? providers.flatMap((provider): Door[] => {
          const address = labAddressOf(provider);
          const speaks = provider.kind === "smtp" ? "smtp" : "http";
          return address ? [{ name: `port ${provider.name}`, address, speaks, move: "set POSTERN_LAB_PORTS=0,0" }] : [];
        })
      : []),
  ];
}

async function checkDoor({ name, address, speaks, move }: Door, hostname: string, clock: Clock): Promise<Check> {
  const where = `${address.host}:${address.port}`;
  if (address.port === 0) return ok(name, "Any free port will be taken.");
  const refused = await tryListen(address);
  switch (refused) {
    case null:
      return ok(name, `${where} is free.`);
    case "EADDRINUSE": {
      const said = await greeting(address, speaks, clock);
      return said !== null && isPostern(said, hostname)
        ? ok(name, `${where} is held by a running Postern.`)
        : wrong(
            name,
            `${where} is held by another program${said === null ? "" : `, which says: ${said}`}`,
            `Stop that program (ss -ltnp shows it), or move Postern: ${move}.`,
          );
    }
    case "EACCES":
      return wrong(
        name,
        `This user may not open ${where}.`,
        `Ports below 1024 need CAP_NET_BIND_SERVICE; or ${move} to a higher one.`,
      );
    case "EADDRNOTAVAIL":
      return wrong(name, `This machine does not have the address ${address.host}.`, `Choose one it has: ${move}.`);
    default:
      return wrong(name, `${where} cannot be opened (${refused}).`, `Choose another: ${move}.`);
  }
}

const isPostern = (said: string, hostname: string): boolean =>
  said.includes("Postern") || said.startsWith(`220 ${hostname} `);

/** The code with which the system refuses a listen there, or null. */
function tryListen({ host, port }: Address): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown error"));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
