import { type Address, type Settings, labAddressOf } from "../config/index.ts";
import { Problem } from "../kernel/index.ts";

type Asked = { name: string; address: Address; move: string };
type ListenError = { code: string; address: string | undefined; port: number };

/**
 * A listen that the system refused, as the sentence that names the address and how to move it; null where `error` is
 * none. Knows better than the door itself which setting or variable moves it. Codes: `port-in-use`, `port-not-allowed`, `address-not-here`.
 */
export function portProblem(error: unknown, settings: Settings): Problem | null {
  const refused = listenError(error);
  if (refused === null) return null;
  const asked = askedFor(settings).find((one) => one.address.port === refused.port);
  const where = `${refused.address ?? asked?.address.host ?? ""}:${refused.port}`;
  const what = asked ? `${asked.name} at ${where}` : where;
  const move = asked?.move ?? "Choose another port.";
  switch (refused.code) {
    case "EADDRINUSE":
      return new Problem(
        "port-in-use",
        `Another program listens already where ${what} should. Stop that program (ss -ltnp shows it), or move this one. ${move}`,
      );
    case "EACCES":
      return new Problem(
        "port-not-allowed",
        `This user may not open ${what}: ports below 1024 are kept for root. ${move} Or allow it: setcap cap_net_bind_service=+ep on the node binary, or AmbientCapabilities in a systemd unit.`,
      );
    default:
      return new Problem("address-not-here", `This machine does not have the address of ${what}. ${move}`);
  }
}

const CODES = new Set(["EADDRINUSE", "EACCES", "EADDRNOTAVAIL"]);

function listenError(error: unknown): ListenError | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code, syscall, address, port } = at as NodeJS.ErrnoException & { address?: string; port?: number };
    if (syscall === "listen" && code !== undefined && CODES.has(code) && port !== undefined)
      return { code, address, port };
  }
  return null;
}

function askedFor({ listen, providers, lab }: Settings): Asked[] {
  const door = (name: string, key: string, variable: string, address: Address | null): Asked[] => {
    if (address === null) return [];
    const move = lab ? `Set ${variable} to a free port (0: any).` : `Set ${key} in the configuration to a free port.`;
    return [{ name, address, move }];
  };
  return [
    ...door("the SMTP door", "listen.smtp", "POSTERN_SMTP_PORT", listen.smtp),
    ...door("the SMTP door with TLS", "listen.smtps", "POSTERN_SMTP_PORT", listen.smtps),
    ...door("the HTTP door", "listen.http", "POSTERN_HTTP_PORT", listen.http),
    ...(lab
      ? providers.flatMap((provider) => {
          const address = labAddressOf(provider);
          if (address === null) return [];
          const move = "Set POSTERN_LAB_PORTS=0,0 to take any free ones for all of the lab.";
          return [{ name: `the lab provider ${provider.name}`, address, move }];
        })
      : []),
  ];
}
