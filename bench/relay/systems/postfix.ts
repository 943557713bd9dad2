import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type MailSystem, type Place, freePort, startProcess, untilGone, untilGreets } from "./system.ts";

/**
 * Postfix with a configuration, a queue and a data folder of its own: one that is installed and running here is never
 * touched. Tuned for one destination that takes all it can get: deliveries go over kept connections, 50 at once; the
 * pause between accepting and delivering and the small active queue are gone; so are look-ups whose answer is known.
 * Its queue is on disk and each message is synchronised before its 250, as always.
 */
export const postfix: MailSystem = {
  name: "postfix",
  family: "postfix",
  title: "Postfix, tuned",
  missing() {
    if (spawnSync("postconf", ["-d", "-h", "mail_version"]).status !== 0)
      return "not installed: apt-get install --no-install-recommends postfix (choose “No configuration”)";
    return process.getuid?.() === 0 ? null : "needs root: its master process starts others as other users";
  },
  start: startPostfix,
};

const CONCURRENCY = 50;

async function startPostfix({ folder, sinkPort, undo }: Place) {
  const built = (name: string): string => execFileSync("postconf", ["-d", "-h", name], { encoding: "utf8" }).trim();
  const [etc, queue, data, logFile] = ["etc", "queue", "data", "log"].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const one of [etc, queue, data]) mkdirSync(one, { recursive: true, mode: 0o755 });
  const idOf = (flag: string): number =>
    Number(execFileSync("id", [flag, built("mail_owner")], { encoding: "utf8" }).trim());
  chownSync(data, idOf("-u"), idOf("-g"));
  const port = await freePort();
  writeFileSync(path.join(etc, "main.cf"), mainCf(queue, data, sinkPort));
  writeFileSync(path.join(etc, "master.cf"), masterCf(port));

  const master = (): number[] => {
    try {
      return [Number(readFileSync(path.join(queue, "pid/master.pid"), "utf8").trim())];
    } catch {
      return [];
    }
  };
  undo.add(async () => {
    for (const pid of master()) {
      try {
        process.kill(pid, "SIGTERM"); // postfix stop does the same
      } catch {
        continue;
      }
      if (!(await untilGone(pid))) process.kill(pid, "SIGKILL");
    }
  });
  const own = startProcess(["postfix", "-c", etc, "start-fg"], logFile, process.env, undo);
  await untilGreets(port, () => own.ended, logFile);
  return { port, version: built("mail_version"), roots: master };
}

const mainCf = (queue: string, data: string, sinkPort: number): string => `compatibility_level = 3.6
queue_directory = ${queue}
data_directory = ${data}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = postfix.bench.test
mydestination =
alias_maps =
local_recipient_maps =
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:${sinkPort}
smtp_tls_security_level = none
smtpd_tls_security_level = none
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
receive_override_options = no_address_mappings
in_flow_delay = 0
default_process_limit = ${2 * CONCURRENCY}
initial_destination_concurrency = ${CONCURRENCY}
default_destination_concurrency_limit = ${CONCURRENCY}
smtp_connection_cache_destinations = [127.0.0.1]:${sinkPort}
smtp_connection_cache_time_limit = 10s
smtp_connection_reuse_count_limit = 0
smtp_connection_reuse_time_limit = 600s
qmgr_message_active_limit = 50000
qmgr_message_recipient_limit = 50000
message_size_limit = 104857600
`;

/** The services of a default installation that relaying needs, none of them in a chroot. */
const masterCf = (port: number): string => `127.0.0.1:${port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
