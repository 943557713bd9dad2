import { divergence } from "./detectors/sprt.ts";
import { missesNeeded, runOfMisses } from "./detectors/beta-binomial.ts";

/**
 * Every figure of the judge in one place. `ASSUMED` is what somebody chose, each with its reason; all else follows
 * from it by the formulas below, so nobody types in a threshold. `calibrate` may put a tenant's own history in place
 * of what is assumed.
 */
export type Assumed = Widened<typeof ASSUMED>;

/** The shape, with any figures in it. */
type Widened<Of> = Of extends number ? number : { readonly [Key in keyof Of]: Widened<Of[Key]> };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
export const MINUTES_PER_YEAR = 525_600;

export const ASSUMED = {
  /** P(a message is never confirmed though all is well): the least that Ŝ may say of any age. */
  neverConfirmed: 0.005,
  /** Judged at once beside each other: each comparison is one more chance of a false alarm (Bonferroni). */
  providers: 3,
  strataPerProvider: 3,
  /** A suspicion costs a burst of canaries and moves only secrets away, so many are affordable. */
  suspectsPerProviderYear: 300,
  /** A question costs five canaries and moves nothing: together they are one percent of ten messages a minute. */
  inquiriesPerProviderYear: { whole: 5_000, stream: 10_000 },
  /** A false failover costs reputation and duplicates. */
  failoversPerProviderYear: 1,
  /** A loss that is believed moves secrets and notices away, and no more: it may be wrong once a month. */
  lossAlarmsPerProviderYear: 12,
  /** Of the failovers, what the burst may use: it is the usual way to a verdict, and one of several. */
  burstShareOfFailovers: 0.1,
  /** ρ of customers' mail: confirmations come in batches, so misses come in company. */
  correlation: 0.05,
  /** ρ of canaries: each is a path of its own to a receiver of ours and needs no webhook. */
  canaryCorrelation: 0.01,
  /**
   * P(a canary of a burst is not there at its deadline though all is well). The deadline follows from it and from the
   * canaries' own latencies, within bounds: earlier than that and it is late too often, later and it only costs time.
   */
  canaryMiss: 0.07,
  burst: { canaries: 5, withinMs: SECOND, deadlineLeastMs: 5 * SECOND, deadlineMostMs: 30 * SECOND },
  canary: { everyMs: 15 * SECOND, standbyEveryMs: MINUTE, deadlineMs: 30 * SECOND },
  /** A stream in more doubt than this (one message of twenty is as late) has a canary now, in place of the next that is due. */
  nextCanaryNats: 3,
  /** Bernoulli CUSUM: confirmed within `deadlineMs`; healthy share of misses; the losses it is made for. */
  loss: { deadlineMs: 30 * SECOND, missAsUsual: 0.02, alternatives: [0.3, 0.1] },
  /** Wald's α and β of each step of the way back. */
  test: { falseAlarm: 0.01, overlooked: 0.01, missUnderTest: 0.3 },
  /** A group contributes to a provider's verdict when its own silence has odds of at least e² : 1 against chance. */
  contributionNats: 2,
  groupsForVerdict: 2,
  latency: { halfLifeMs: 14 * DAY, priorMedianMs: 5 * SECOND, priorP95Ms: 30 * SECOND, priorMessages: 100 },
  /** Two providers that fail within this of each other fail for a reason on our side. */
  localOutageWithinMs: 30 * SECOND,
  /** The same of canaries, by their hand-off: those of a standby come once a minute. */
  localOutageCanariesWithinMs: 90 * SECOND,
  /** No connection for so long, at so many tries, while others are reached: it is down, though nothing was lost. */
  unreachable: { tries: 5, forMs: MINUTE },
  /** From an account's refusal until it counts as down, unless its status page says that it is clean. */
  refusalDeadlineMs: 5 * SECOND,
  /** Canaries called delivered which nobody saw: so many are a lie, not a mishap; its log is waited for so long. */
  claims: { needed: 3, logWithinMs: 8 * SECOND },
  /** Before a trial the status page must be clean; one that has not answered since is waited for so long. */
  statusPatienceMs: HOUR,
  dwell: { firstMs: 10 * MINUTE, mostMs: 4 * HOUR },
  probing: { canariesInARow: 20, stepMs: 5 * MINUTE },
  downsPerHour: 2,
} as const;

export type Threshold = {
  /** Messages per minute that are watched, canaries included: each is a chance for a false alarm to begin. */
  perMinute: number;
  alarmsPerYear: number;
  /** Tests that share this budget. */
  tests: number;
};

/**
 * h in nats: Λ or g passes it by chance about λ·525600·e^−h times a year (Lorden 1971: ARL₀ ≥ e^h), so
 * h = ln(λ·525600 ÷ alarms a year) + ln(tests). Measured: at λ = 14/min, h = 10 is passed 302 times a year, predicted 334.
 */
export const threshold = ({ perMinute, alarmsPerYear, tests }: Threshold): number =>
  Math.max(MIN_NATS, Math.log((Math.max(perMinute, 1 / 60) * MINUTES_PER_YEAR) / alarmsPerYear) + Math.log(tests));

/** −ln ε is 5.3: a single lost message is no question worth. */
const INQUIRY_LEAST_NATS = 6;
/** However little is sent: below e⁵ : 1 nothing is worth a word. */
const MIN_NATS = 5;

/**
 * h of a CUSUM. Lorden's bound counts every message as a beginning; in truth g lies at 0 for most of the time, and
 * ARL₀ ≈ e^h ÷ KL(q₀‖q₁) (Siegmund 1985, without the overshoot, which only makes it longer). So h is lower by
 * −ln KL(q₀‖q₁): 1.3 nats for q₁ = 0.30, 3.0 for q₁ = 0.10 at q₀ = 0.02, which is two and five minutes at 10/min.
 */
export const lossThreshold = (test: Threshold, alternative: number, missAsUsual: number): number =>
  Math.max(MIN_NATS, threshold(test) + Math.log(divergence(missAsUsual, alternative)));

/**
 * The same h where misses come in company: the number of misses in a row that is as improbable under ρ as e^−h,
 * counted in what one miss weighs. At ρ = 0 a run of h ÷ weight misses is far less probable than e^−h, so h stands.
 */
export function thresholdCorrelated(nats: number, miss: number, correlation: number, weightOfMiss: number): number {
  if (correlation === 0) return nats;
  let run = 1;
  while (runOfMisses(run, miss, correlation) > Math.exp(-nats) && run < 1_000) run += 1;
  return Math.max(nats, (run - 1) * weightOfMiss);
}

/** What one provider's detectors need to know at a rate of mail. */
export type Parameters = {
  /** Λ at which it is suspected, and at which silence alone is a verdict (no canaries, or none answered yet). */
  suspectNats: number;
  downNats: number;
  /** Λ at which a burst is asked for, of the provider or of one stream, and nothing else is done. */
  inquiryNats: { whole: number; stream: number };
  /** For each alternative q₁: g at which a partial loss is believed. */
  losses: readonly { alternative: number; nats: number }[];
  /** Misses of one burst that are a verdict where it is suspected, and where it was only asked about. */
  burstMisses: number;
  inquiryMisses: number;
  assumed: Assumed;
};

/** @param perMinute customers' messages and canaries a minute through this provider, as usual at this hour */
export function parametersFor(
  perMinute: number,
  assumed: Assumed = ASSUMED,
  correlation: number = assumed.correlation,
): Parameters {
  const strata = assumed.providers * assumed.strataPerProvider;
  const certain = threshold({ perMinute, alarmsPerYear: assumed.failoversPerProviderYear, tests: strata });
  const misses = (occasions: number): number =>
    missesNeeded({
      trials: assumed.burst.canaries,
      miss: assumed.canaryMiss,
      correlation: assumed.canaryCorrelation,
      bound: (assumed.failoversPerProviderYear * assumed.burstShareOfFailovers) / occasions,
    });
  const inquiry = (alarmsPerYear: number): number =>
    Math.max(INQUIRY_LEAST_NATS, threshold({ perMinute, alarmsPerYear, tests: 1 }));
  return {
    inquiryNats: {
      whole: inquiry(assumed.inquiriesPerProviderYear.whole),
      stream: inquiry(assumed.inquiriesPerProviderYear.stream),
    },
    suspectNats: threshold({ perMinute, alarmsPerYear: assumed.suspectsPerProviderYear, tests: 1 }),
    downNats: thresholdCorrelated(certain, assumed.neverConfirmed, correlation, -Math.log(assumed.neverConfirmed)),
    losses: assumed.loss.alternatives.map((alternative) => ({
      alternative,
      nats: lossThreshold(
        {
          perMinute,
          alarmsPerYear: assumed.lossAlarmsPerProviderYear,
          tests: assumed.strataPerProvider * assumed.loss.alternatives.length,
        },
        alternative,
        assumed.loss.missAsUsual,
      ),
    })),
    burstMisses: misses(assumed.suspectsPerProviderYear),
    inquiryMisses: misses(assumed.inquiriesPerProviderYear.whole + assumed.inquiriesPerProviderYear.stream),
    assumed,
  };
}
