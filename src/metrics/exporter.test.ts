import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { createExporter, type Exporter } from "./index.ts";

/** The samples of one metric: `name{labels}` → value, without the process's own ones. */
async function samples(exporter: Exporter, name: string): Promise<Record<string, number>> {
  const lines = (await exporter.text()).split("\n").filter((line) => line.startsWith(name) && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]),
  );
}

describe("what is counted", () => {
  test("accepts: by door and class, with their time", async () => {
    const exporter = createExporter();
    exporter.metrics.accepted("smtp", "C0", 0.004);
    exporter.metrics.accepted("smtp", "C0", 0.02);
    exporter.metrics.accepted("http", "C2", 0.004);
    assert.deepEqual(await samples(exporter, "postern_messages_accepted_total"), {
      'postern_messages_accepted_total{door="smtp",class="C0"}': 2,
      'postern_messages_accepted_total{door="http",class="C2"}': 1,
    });
    const times = await samples(exporter, "postern_accept_seconds");
    assert.equal(times['postern_accept_seconds_bucket{le="0.005",door="smtp"}'], 1);
    assert.equal(times['postern_accept_seconds_bucket{le="0.025",door="smtp"}'], 2);
    assert.equal(times['postern_accept_seconds_count{door="smtp"}'], 2);
  });

  test("everything else under its own labels", async () => {
    const exporter = createExporter();
    const { metrics } = exporter;
    metrics.refused("http", "queue-full");
    metrics.handedOff("harbour", "accepted", 0.2);
    metrics.failedOver("harbour", "lantern");
    metrics.ended("C1", "handed-off", 3);
    metrics.inFlight("harbour", 7);
    metrics.smtpSessions(4);
    metrics.webhook("gave-up");
    metrics.lookup("harbour", "taken");
    metrics.takenOver(5);
    metrics.notice("harbour", "taken", 1_796_119_204);
    metrics.notice("harbour", "refused", null);
    metrics.noticeEvent("harbour", "bounced", "ours");
    metrics.noticeEvent("harbour", "sent", "foreign");
    const text = await exporter.text();
    for (const line of [
      'postern_refusals_total{door="http",code="queue-full"} 1',
      'postern_handoffs_total{provider="harbour",outcome="accepted"} 1',
      'postern_handoff_seconds_bucket{le="0.25",provider="harbour"} 1',
      'postern_failovers_total{from="harbour",to="lantern"} 1',
      'postern_messages_ended_total{class="C1",state="handed-off"} 1',
      'postern_message_life_seconds_sum{class="C1"} 3',
      'postern_handoffs_in_flight{provider="harbour"} 7',
      "postern_smtp_sessions 4",
      'postern_webhook_deliveries_total{result="delivered"} 0',
      'postern_webhook_deliveries_total{result="gave-up"} 1',
      'postern_lookups_total{provider="harbour",answer="taken"} 1',
      "postern_messages_taken_over_total 5",
      'postern_notices_total{provider="harbour",result="refused"} 1',
      'postern_newest_notice_timestamp_seconds{provider="harbour"} 1796119204',
      'postern_notice_events_total{provider="harbour",type="bounced"} 1',
      'postern_foreign_events_total{provider="harbour",type="sent"} 1',
    ])
      assert.ok(text.includes(`\n${line}\n`), line);
  });

  test("a breaker is in one state at a time", async () => {
    const exporter = createExporter();
    exporter.metrics.breaker("harbour", "closed");
    exporter.metrics.breaker("harbour", "open");
    assert.deepEqual(await samples(exporter, "postern_breaker_state"), {
      'postern_breaker_state{provider="harbour",state="closed"}': 0,
      'postern_breaker_state{provider="harbour",state="open"}': 1,
      'postern_breaker_state{provider="harbour",state="half-open"}': 0,
      'postern_breaker_state{provider="harbour",state="pinned"}': 0,
    });
  });

  test("a queue that has become empty is shown as empty", async () => {
    const exporter = createExporter();
    exporter.metrics.queue([{ messageClass: "C0", state: "held", count: 3 }]);
    exporter.metrics.queue([{ messageClass: "C2", state: "queued", count: 1 }]);
    assert.deepEqual(await samples(exporter, "postern_queue_messages"), {
      'postern_queue_messages{class="C2",state="queued"}': 1,
    });
  });

  test("intake shows the one reason for which it refuses, and none when it is open again", async () => {
    const exporter = createExporter();
    assert.deepEqual(await samples(exporter, "postern_intake"), { postern_intake_open: 1 });
    exporter.metrics.intake("disk-full");
    exporter.metrics.intake("queue-full");
    assert.deepEqual(await samples(exporter, "postern_intake"), {
      postern_intake_open: 0,
      'postern_intake_refusing{code="queue-full"}': 1,
    });
    exporter.metrics.intake(null);
    assert.deepEqual(await samples(exporter, "postern_intake"), { postern_intake_open: 1 });
  });
});

describe("labels", () => {
  test("never show an address or a text", async () => {
    const exporter = createExporter();
    exporter.metrics.refused("smtp", "alice@example.com");
    exporter.metrics.refused("smtp", "550 no such user");
    exporter.metrics.handedOff("harbour\n", "accepted", 1);
    assert.deepEqual(await samples(exporter, "postern_refusals_total"), {
      'postern_refusals_total{door="smtp",code="other"}': 2,
    });
    assert.deepEqual(await samples(exporter, "postern_handoffs_total"), {
      'postern_handoffs_total{provider="other",outcome="accepted"}': 1,
    });
  });

  test("that are from no closed set cost bounded memory", async () => {
    const exporter = createExporter();
    for (let n = 0; n < 1_500; n += 1) {
      exporter.metrics.refused("smtp", `code-${n}`);
      exporter.metrics.inFlight(`provider-${n}`, 1);
    }
    assert.equal(Object.keys(await samples(exporter, "postern_refusals_total")).length, 1_001);
    assert.equal(Object.keys(await samples(exporter, "postern_handoffs_in_flight")).length, 1_001);
  });
});

test("a time that makes no sense never throws into somebody's mail", () => {
  const { metrics } = createExporter();
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, -5]) metrics.accepted("smtp", "C0", odd);
});

test("docs/metrics.md lists exactly what is exported", async () => {
  const page = readFileSync(path.join(import.meta.dirname, "../../docs/metrics.md"), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` +\| ([^|\n]*)\| ([^|\n]*)\|/gm)];
  const listed = rows.map(([, name]) => name!);
  const elsewhere = new Set(
    rows.filter((row) => process.platform !== "linux" && row[3]!.includes("*")).map((r) => r[1]),
  );
  const exported = [...(await createExporter().text()).matchAll(/^# HELP (\w+) /gm)].map(([, name]) => name!);
  assert.deepEqual(listed.filter((name) => !elsewhere.has(name)).toSorted(), exported.toSorted());
});

test("docs/metrics.md names the labels of each of our metrics", async () => {
  const page = readFileSync(path.join(import.meta.dirname, "../../docs/metrics.md"), "utf8");
  const exporter = createExporter();
  const { metrics } = exporter;
  metrics.accepted("a", "a", 1);
  metrics.refused("a", "a");
  metrics.handedOff("a", "a", 1);
  metrics.failedOver("a", "a");
  metrics.ended("a", "a", 1);
  metrics.breaker("a", "open");
  metrics.inFlight("a", 1);
  metrics.queue([{ messageClass: "a", state: "a", count: 1 }]);
  metrics.intake("a");
  metrics.alertTelling("a", "gave-up");
  metrics.alertsOpen("page", 1);
  metrics.lookup("a", "a");
  metrics.notice("a", "taken", 1);
  metrics.noticeEvent("a", "a", "ours");
  metrics.noticeEvent("a", "a", "foreign");
  metrics.standing("a", "a", "DOWN");
  metrics.leads(true);
  metrics.localOutage(false);
  metrics.evidence("a", "a");
  metrics.canary("a", "mail", "arrived", 1);
  metrics.canary("", "sign-up", "missed", null);
  metrics.redriven("a", "a");
  metrics.lateCopy("a");
  metrics.silence("a", 1);
  metrics.objectives({
    streams: [
      {
        tenant: "a",
        stream: "a",
        messageClass: "C0",
        withinS: 1,
        target: 1,
        budgetLeft: 1,
        burn: [{ window: "5m", rate: 1 }],
        counted: { good: 1, total: 1 },
      },
    ],
    latencies: [{ tenant: "a", stream: "a", provider: "", until: "a", quantile: "0.5", seconds: 1 }],
    placements: [{ provider: "a", receiver: "a", result: "a", count: 1 }],
    waits: [{ messageClass: "C0", seconds: 1 }],
  });
  const text = await exporter.text();
  for (const [, name, labels] of page.matchAll(/^\| `(postern_\w+)` +\| ([^|\n]*)\|/gm)) {
    const sample = new RegExp(`^${name}(?:_count)?(?:\\{([^}]*)\\})? `, "m").exec(text);
    assert.ok(sample, `no sample of ${name}`);
    const shown = [...(sample[1] ?? "").matchAll(/(\w+)="/g)].map(([, label]) => label);
    assert.deepEqual(
      [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label),
      shown,
      name,
    );
  }
});

test("counting costs less than 1 µs", (context) => {
  const { metrics } = createExporter();
  const calls: [name: string, call: (n: number) => void][] = [
    ["accepted", (n) => metrics.accepted("smtp", "C2", (n % 100) / 1_000)],
    ["handedOff", (n) => metrics.handedOff("harbour", "accepted", (n % 100) / 100)],
    ["ended", (n) => metrics.ended("C2", "handed-off", n % 100)],
    ["inFlight", (n) => metrics.inFlight("harbour", n)],
  ];
  for (const [name, call] of calls) {
    let bestUs = Number.POSITIVE_INFINITY;
    for (let batch = 0; batch < 20; batch += 1) {
      const began = performance.now();
      for (let n = 0; n < 5_000; n += 1) call(n);
      bestUs = Math.min(bestUs, (performance.now() - began) / 5);
    }
    context.diagnostic(`${name}: ${bestUs.toFixed(2)} µs a call (best of 20 batches of 5000)`);
    assert.ok(bestUs < 1, `${name}: ${bestUs} µs`);
  }
});
