import { connect } from "node:net";
import type { DirectMxProviderSettings } from "../../config/index.ts";
import { type Clock, type Random, systemRandom } from "../../kernel/index.ts";
import { addressesOf, networksOf } from "./addresses.ts";
import type { Ask } from "./dns/answers.ts";
import { resolverAt } from "./dns/resolver.ts";
import { systemResolver } from "./dns/system.ts";
import { mailHostsOf } from "./mail-hosts.ts";

/** What is found of the way out before any mail takes it. Nothing is sent but questions and one SYN. */
export type WayOutFound = {
  resolver: "answers" | "silent";
  /** It proves what it says, as DANE needs. */
  isValidating: boolean;
  /** Whether a server of mail can be reached; null: there is none to try. */
  reached: { host: string; address: string; open: boolean } | null;
};

export const askerOf = (settings: DirectMxProviderSettings, parts: { clock: Clock; random: Random }): Ask =>
  settings.resolver === null ? systemResolver() : resolverAt(settings.resolver, parts);

/** @param domain one of ours: its own server of mail is the one that is knocked at. */
export async function examineWayOut(
  settings: DirectMxProviderSettings,
  { domain, clock, timeoutMs }: { domain: string; clock: Clock; timeoutMs: number },
): Promise<WayOutFound> {
  const ask = askerOf(settings, { clock, random: systemRandom });
  const [root, hosts] = await Promise.all([
    ask(".", "TXT"), // the root is signed, and so is what it has not
    mailHostsOf(domain, ask, { own: "", fraction: () => 0 }),
  ]);
  const found = {
    resolver: root.kind === "failed" ? ("silent" as const) : ("answers" as const),
    isValidating: root.kind !== "failed" && root.authentic,
  };
  const host = hosts.kind === "hosts" ? hosts.names[0] : undefined;
  if (host === undefined) return { ...found, reached: null };
  const where = await addressesOf(host, ask, networksOf(settings.privateNetworks));
  if (where.kind !== "addresses") return { ...found, reached: null };
  const address = where.addresses[0]!;
  return { ...found, reached: { host, address, open: await isOpen(address, settings.port, clock, timeoutMs) } };
}

function isOpen(host: string, port: number, clock: Clock, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (open: boolean) => {
      timer.cancel();
      socket.destroy();
      resolve(open);
    };
    const timer = clock.after(timeoutMs, () => end(false));
    socket.on("connect", () => end(true));
    socket.on("error", () => end(false));
  });
}
