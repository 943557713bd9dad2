import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { childByOne, childByTwo } from "./children.ts";
import type { Exporter } from "./metrics.ts";
import { objectiveGauges } from "./objectives.ts";

/** The states of a breaker; exactly one of them is 1 for a provider. */
const BREAKER_STATES = ["closed", "open", "half-open", "pinned"] as const;
/** The states of a standing; exactly one of them is 1 for a provider, or for a stream through it. */
const STANDINGS = ["HEALTHY", "SUSPECT", "DOWN", "PROBING", "EVENTS_DARK", "QUARANTINED", "PINNED_OFF"] as const;
const WEBHOOK_RESULTS = ["delivered", "failed", "gave-up"] as const;

/** Goal: p99 ≤ 25 ms. Fine up to there, then coarse: beyond 1 s a client has given up caring how long. */
const ACCEPT_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 1, 5];
/** A provider's edge answers in 20–300 ms; from 30 s on time-outs end it (config/defaults.ts). */
const HANDOFF_BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Healthy mail takes seconds; 15 s and 30 s are the deadlines of a burst and of a steady canary. */
const CANARY_BUCKETS_S = [0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 60, 120, 300];
/** From at once to the longest TTL: 15 s is what critical mail should take, 72 h is where routine mail expires. */
const END_BUCKETS_S = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400, 259_200];

/** The exporter behind `Metrics`, in a registry of its own. What each metric means: docs/metrics.md. */
export function createExporter(): Exporter {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name: `postern_${name}`, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name: `postern_${name}`, help, labelNames, registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: readonly number[],
  ) => new Histogram({ name: `postern_${name}`, help, labelNames, buckets: [...buckets], registers });

  const accepted = counter("messages_accepted_total", "Messages accepted: on disk and answered with 250 or 202.", [
    "door",
    "class",
  ]);
  const acceptSeconds = histogram(
    "accept_seconds",
    "From the end of a message's text to our answer.",
    ["door"],
    ACCEPT_BUCKETS_S,
  );
  const refused = counter("refusals_total", "Submissions refused, by code (docs/failures.md).", ["door", "code"]);
  const handedOff = counter("handoffs_total", "Recipients' outcomes of hand-offs.", ["provider", "outcome"]);
  const handoffSeconds = histogram(
    "handoff_seconds",
    "From calling a provider to its answer, once per recipient's outcome.",
    ["provider"],
    HANDOFF_BUCKETS_S,
  );
  const failedOver = counter(
    "failovers_total",
    "Messages that went to another provider than the first of their route.",
    ["from", "to"],
  );
  const ended = counter("messages_ended_total", "Messages that ended, by how.", ["class", "state"]);
  const endSeconds = histogram("message_life_seconds", "From accept to a message's end.", ["class"], END_BUCKETS_S);
  const breakerState = gauge("breaker_state", "1 for the state a provider's breaker is in, 0 for the others.", [
    "provider",
    "state",
  ]);
  const inFlight = gauge("handoffs_in_flight", "Hand-offs on their way.", ["provider"]);
  const queue = gauge("queue_messages", "Messages in the queue.", ["class", "state"]);
  const intakeOpen = gauge("intake_open", "1 while submissions are taken, 0 while they are refused.", []);
  const intakeRefusing = gauge("intake_refusing", "1 for the code with which intake refuses at present.", ["code"]);
  const diskFree = gauge("disk_free_bytes", "Free on the disk of the data, where there is least.", []);
  const diskStops = gauge("disk_intake_stops_below_bytes", "Below this, intake stops (limits.diskFree).", []);
  const smtpSessions = gauge("smtp_sessions", "Open sessions of the SMTP doors.", []);
  const webhooks = counter("webhook_deliveries_total", "Tries to deliver events to tenants' webhooks.", ["result"]);
  const alertTellings = counter("alert_tellings_total", "Tries to tell targets of alerts.", ["kind", "result"]);
  const alertsOpen = gauge("alerts_open", "Alerts that are open.", ["severity"]);
  const lookups = counter("lookups_total", "Questions to providers about attempts whose end is unknown.", [
    "provider",
    "answer",
  ]);
  const takenOver = counter("messages_taken_over_total", "Messages taken over from nodes that are gone.", []);

  const notices = counter("notices_total", "Calls of providers' webhooks, by what became of them.", [
    "provider",
    "result",
  ]);
  const noticeEvents = counter("notice_events_total", "Events that providers told of mail of ours.", [
    "provider",
    "type",
  ]);
  const foreignEvents = counter("foreign_events_total", "Events that providers told of mail that is none of ours.", [
    "provider",
    "type",
  ]);
  const newestNotice = gauge("newest_notice_timestamp_seconds", "When a provider's last genuine notice came.", [
    "provider",
  ]);

  const standings = gauge(
    "provider_standing",
    "1 for how a provider stands, or a stream through it; 0 for the others.",
    ["provider", "scope", "state"],
  );
  const leads = gauge("respond_leads", "1 on the node that judges the providers.", []);
  const localOutage = gauge(
    "local_outage",
    "1 while nothing gets through by any provider: the fault is on our side.",
    [],
  );
  const evidence = counter("evidence_total", "What the judge of the providers has seen.", ["provider", "kind"]);

  const redriven = counter("redriven_total", "Messages in doubt that were decided about, by what became of them.", [
    "provider",
    "result",
  ]);
  const lateCopies = counter("late_copies_total", "Copies that nobody counted on any more and that arrived.", [
    "provider",
  ]);

  const canaries = counter("canaries_total", "Canaries that ended, by what became of them.", ["provider", "result"]);
  const canarySeconds = histogram(
    "canary_seconds",
    "From the accept of a canary to its arrival.",
    ["provider"],
    CANARY_BUCKETS_S,
  );
  const objectives = objectiveGauges(registry);
  const silence = gauge("provider_silence", "What speaks for silence at a provider; at 1 it is suspected.", [
    "provider",
  ]);
  const signUps = counter("sign_up_canaries_total", "Sign-ups tried, by what became of the confirmation.", ["result"]);

  const acceptedChild = childByTwo((door, messageClass) => accepted.labels(door, messageClass));
  const acceptChild = childByOne((door) => acceptSeconds.labels(door));
  const refusedChild = childByTwo((door, code) => refused.labels(door, code));
  const handedOffChild = childByTwo((provider, outcome) => handedOff.labels(provider, outcome));
  const handoffChild = childByOne((provider) => handoffSeconds.labels(provider));
  const failedOverChild = childByTwo((from, to) => failedOver.labels(from, to));
  const endedChild = childByTwo((messageClass, state) => ended.labels(messageClass, state));
  const endChild = childByOne((messageClass) => endSeconds.labels(messageClass));
  const breakerChild = childByTwo((provider, state) => breakerState.labels(provider, state));
  const inFlightChild = childByOne((provider) => inFlight.labels(provider));
  const queueChild = childByTwo((messageClass, state) => queue.labels(messageClass, state));
  const intakeRefusingChild = childByOne((code) => intakeRefusing.labels(code));
  const webhookChild = childByOne((result) => webhooks.labels(result));
  const lookupChild = childByTwo((provider, answer) => lookups.labels(provider, answer));
  const noticeChild = childByTwo((provider, result) => notices.labels(provider, result));
  const noticeEventChild = childByTwo((provider, type) => noticeEvents.labels(provider, type));
  const foreignEventChild = childByTwo((provider, type) => foreignEvents.labels(provider, type));
  const newestNoticeChild = childByOne((provider) => newestNotice.labels(provider));
  const evidenceChild = childByTwo((provider, kind) => evidence.labels(provider, kind));
  const canaryChild = childByTwo((provider, result) => canaries.labels(provider, result));
  const canarySecondsChild = childByOne((provider) => canarySeconds.labels(provider));
  const signUpChild = childByOne((result) => signUps.labels(result));
  for (const result of WEBHOOK_RESULTS) webhookChild(result).inc(0); // an alert on a rate needs its zero
  intakeOpen.set(1);

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    metrics: {
      accepted(door, messageClass, seconds) {
        acceptedChild(door, messageClass).inc();
        observe(acceptChild(door), seconds);
      },
      refused: (door, code) => refusedChild(door, code).inc(),
      handedOff(provider, outcome, seconds) {
        handedOffChild(provider, outcome).inc();
        observe(handoffChild(provider), seconds);
      },
      failedOver: (from, to) => failedOverChild(from, to).inc(),
      ended(messageClass, state, seconds) {
        endedChild(messageClass, state).inc();
        observe(endChild(messageClass), seconds);
      },
      breaker(provider, state) {
        for (const each of BREAKER_STATES) breakerChild(provider, each).set(each === state ? 1 : 0);
      },
      inFlight: (provider, count) => inFlightChild(provider).set(count),
      queue(rows) {
        queue.reset(); // a class that has no rows any more is not in `rows`
        for (const row of rows) queueChild(row.messageClass, row.state).set(row.count);
      },
      intake(refusalCode) {
        intakeOpen.set(refusalCode === null ? 1 : 0);
        intakeRefusing.reset();
        if (refusalCode !== null) intakeRefusingChild(refusalCode).set(1);
      },
      diskFree(bytes, stopsBelow) {
        diskFree.set(bytes);
        diskStops.set(stopsBelow);
      },
      smtpSessions: (count) => smtpSessions.set(count),
      webhook: (result) => webhookChild(result).inc(),
      alertTelling: (kind, result) => alertTellings.inc({ kind, result }),
      alertsOpen: (severity, count) => alertsOpen.set({ severity }, count),
      lookup: (provider, answer) => lookupChild(provider, answer).inc(),
      takenOver: (messages) => takenOver.inc(messages),
      notice(provider, result, at) {
        noticeChild(provider, result).inc();
        if (at !== null) newestNoticeChild(provider).set(at);
      },
      noticeEvent: (provider, type, whose) =>
        (whose === "foreign" ? foreignEventChild : noticeEventChild)(provider, type).inc(),
      standing(provider, scope, state) {
        for (const each of STANDINGS) standings.set({ provider, scope, state: each }, each === state ? 1 : 0);
      },
      leads(is) {
        leads.set(is ? 1 : 0);
        if (is) return;
        // what it knew is old from now on
        standings.reset();
        silence.reset();
        objectives({ streams: [], latencies: [], placements: [], waits: [] });
      },
      localOutage: (is) => localOutage.set(is ? 1 : 0),
      evidence: (provider, kind) => evidenceChild(provider, kind).inc(),
      redriven: (provider, result) => redriven.labels(provider, result).inc(),
      lateCopy: (provider) => lateCopies.labels(provider).inc(),
      objectives,
      silence: (provider, share) => silence.set({ provider }, share),
      canary(provider, kind, result, seconds) {
        if (kind === "sign-up") return signUpChild(result).inc();
        canaryChild(provider, result).inc();
        if (seconds !== null) observe(canarySecondsChild(provider), seconds);
      },
    },
  };
}

/** A clock that was set back must not make a metric throw in the middle of somebody's mail. */
function observe(child: { observe(value: number): void }, seconds: number): void {
  if (seconds >= 0 && seconds < Number.POSITIVE_INFINITY) child.observe(seconds);
  else child.observe(0);
}
