import { causeText, type Clock, type Log, type Random, type Timer } from "../../../kernel/index.ts";
import type { Ask } from "../dns/answers.ts";
import { placesIn } from "./places.ts";
import { type PostParts, postReport } from "./post.ts";
import { type OnTls, sessionOf } from "./session.ts";
import { type Reporter, TlsTally } from "./tally.ts";

export type ReportParts = { ask: Ask; web: PostParts; clock: Clock; log: Log; random: Random };

/** So long after midnight: everybody's clocks are past it then, and not everybody reports in one second (RFC 8460 §4.1). */
const AFTER_MS = 10 * 60_000;
const SPREAD_MS = 3 * 3_600_000;

/**
 * Counts what TLS came to, and at the end of each day of UTC tells each domain that asks for it (RFC 8460 §3).
 * Reports by https are sent. Those by mail need a signature of ours (§5.3), which Postern does not make yet: they are
 * logged, as is every report that could not be sent.
 */
export function startReports(reporter: Reporter, parts: ReportParts): { onTls: OnTls; stop(): void } {
  const { clock, random } = parts;
  let tally = new TlsTally(clock.now());
  let stopped = false;
  let timer: Timer;
  const plan = () => {
    const spread = Math.round(random.fraction() * SPREAD_MS);
    timer = clock.after(Math.max(0, tally.endsAtMs - clock.now()) + AFTER_MS + spread, () => {
      const ended = tally;
      tally = new TlsTally(clock.now());
      void sendAll(ended, reporter, parts).finally(() => {
        if (!stopped) plan();
      });
    });
  };
  plan();
  return {
    onTls: (one) => {
      const session = sessionOf(one);
      if (session) tally.count(session);
    },
    stop() {
      stopped = true;
      timer.cancel();
    },
  };
}

async function sendAll(ended: TlsTally, reporter: Reporter, parts: ReportParts): Promise<void> {
  for (const domain of ended.domains) {
    try {
      await sendOne(domain, ended, reporter, parts);
    } catch (error) {
      parts.log.warn("direct-mx.tls-report-unsent", { domain, reason: "failed", cause: causeText(error) });
    }
  }
}

async function sendOne(domain: string, ended: TlsTally, reporter: Reporter, parts: ReportParts): Promise<void> {
  const { ask, web, log, random } = parts;
  const answer = await ask(`_smtp._tls.${domain}`, "TXT");
  const places = answer.kind === "records" ? placesIn(answer.records) : null;
  if (places === null) return; // nobody asked for it
  const report = ended.reportOf(domain, reporter, random);
  if (report === null) return;
  // RFC 8460 §3: any of the addresses will do; the first that takes it is the last.
  for (const url of places.https) {
    const status = await postReport(url, report, web);
    if (status !== null && status >= 200 && status < 300) {
      log.info("direct-mx.tls-report-sent", { domain, status });
      return;
    }
  }
  const reason = places.https.length > 0 ? "not-taken" : "by-mail-only";
  log.warn("direct-mx.tls-report-unsent", { domain, reason, report: JSON.stringify(report) });
}
