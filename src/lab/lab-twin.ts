import type { ApiKind, ApiProviderSettings } from "../config/index.ts";
import { LAB_DOMAIN } from "../config/index.ts";
import { type Clock, type Log, Problem, type Random } from "../kernel/index.ts";
import type { Choice, ChoiceGroup } from "./carrier.ts";
import { RateSeries } from "./rate-series.ts";
import { furnish } from "./furnished.ts";
import {
  type Begin,
  type Deliver,
  type FaultPlan,
  type Insider,
  NOTICE_MODES,
  NOTICE_WORDS,
  NOTICES,
  type RunningTwin,
  type SwitchRefusal,
  type Tone,
  TWIN_MODES,
  type TwinAccount,
  type TwinCounts,
  type TwinMode,
  type TwinWeather,
  noticeSecretsOf,
  startTwin,
  switchOf,
  twinMode,
  variantsOf,
} from "./twins/index.ts";

export type LabTwinParts = {
  settings: ApiProviderSettings;
  deliver: Deliver;
  begin?: Begin;
  weather?: TwinWeather;
  clock: Clock;
  random: Random;
  log: Log;
  /** Called after anything a page shows has changed. */
  changed: () => void;
};

/** A vendor's twin as a provider of the lab: under a name, with a mode people can name, and figures. */
export class LabTwin {
  readonly name: string;
  readonly kind: ApiKind;
  readonly rate: RateSeries;
  readonly #twin: RunningTwin;
  readonly #log: Log;
  readonly #secrets: ReturnType<typeof noticeSecretsOf>;
  #mode: TwinMode = "ok";
  #variant: string | null = null;

  /** @throws Problem `lab-port-taken` */
  static async start({ settings, clock, random, log, changed, ...more }: LabTwinParts): Promise<LabTwin> {
    const rate = new RateSeries(clock);
    let seen = 0;
    const onChange = (): void => {
      for (const { taken } = self.#twin.counts; seen < taken; seen += 1) rate.count();
      changed();
    };
    const twin = await startTwin(settings.kind, {
      clock,
      log,
      port: portOf(settings),
      apiKey: settings.apiKey.reveal(),
      ...(settings.readKey === null ? {} : { readKey: settings.readKey.reveal() }),
      domain: LAB_DOMAIN,
      ...more,
      changed: onChange,
    }).catch((error: unknown) => {
      throw cannotListen(settings, error);
    });
    furnish(twin.account, settings.kind);
    const self = new LabTwin(settings, twin, rate, log, random);
    return self;
  }

  private constructor(
    { name, kind }: ApiProviderSettings,
    twin: RunningTwin,
    rate: RateSeries,
    log: Log,
    random: Random,
  ) {
    this.name = name;
    this.kind = kind;
    this.rate = rate;
    this.#twin = twin;
    this.#log = log;
    this.#secrets = noticeSecretsOf(kind, random);
  }

  get baseUrl(): string {
    return this.#twin.baseUrl;
  }

  /** By which its notices are known. */
  get webhook(): ApiProviderSettings["webhook"] {
    return this.#secrets.webhook;
  }

  get account(): TwinAccount {
    return this.#twin.account;
  }

  get insider(): Insider {
    return this.#twin.insider;
  }

  get counts(): Readonly<TwinCounts> {
    return this.#twin.counts;
  }

  /** For what no name of a mode says. */
  setFault(fault: FaultPlan): void {
    this.#twin.setFault(fault);
  }

  get state(): { mode: TwinMode; variant: string | null; webhooks: string } {
    return { mode: this.#mode, variant: this.#variant, webhooks: this.#twin.noticeMode };
  }

  get figures(): { delivered: number; refused: number; notDelivered: number; held: number } {
    const { delivered, refused, dropped, bounced } = this.#twin.counts;
    const held = this.account.sent.filter(({ state }) => state === "held").length;
    return { delivered, refused, notDelivered: held + dropped + bounced, held };
  }

  get now(): Choice {
    return this.#variant === null ? choiceOf(this.#mode) : variantChoice(this.#mode, this.#variant);
  }

  /** The plain modes with the suspension this vendor is known for, then its other words. */
  get groups(): ChoiceGroup[] {
    const { dialect } = this.#twin;
    const [best, ...suspensions] = variantsOf(dialect, "suspended");
    const plain = TWIN_MODES.filter((mode) => mode !== "refusal").map((mode) =>
      mode === "suspended" ? { ...choiceOf(mode), key: `${mode}/${best}` } : choiceOf(mode),
    );
    const group = (title: string, mode: TwinMode, variants: readonly string[]): ChoiceGroup[] =>
      variants.length === 0 ? [] : [{ title, choices: variants.map((variant) => variantChoice(mode, variant)) }];
    return [
      { title: null, choices: plain },
      ...group("Other ways to suspend", "suspended", suspensions),
      ...group("Refusals", "refusal", variantsOf(dialect, "refusal")),
    ];
  }

  get webhooksNow(): Choice {
    return WEBHOOK_CHOICES.find(({ key }) => key === `${NOTICES}/${this.#twin.noticeMode}`)!;
  }

  get webhookChoices(): readonly Choice[] {
    return WEBHOOK_CHOICES;
  }

  /** @returns the names there are where what was asked for is none. */
  switchTo(mode: unknown, variant: unknown): SwitchRefusal | null {
    const asked = switchOf(this.#twin.dialect, mode, variant);
    if ("known" in asked) return asked;
    if (asked.kind === "notices") this.#twin.setNotices(asked.mode);
    else {
      this.#mode = asked.mode;
      this.#variant = asked.variant;
      this.#twin.setFault(asked.fault);
    }
    this.#log.info("lab.mode-switched", {
      provider: this.name,
      ...(asked.kind === "notices" ? { webhooks: asked.mode } : { mode: asked.mode, variant: asked.variant }),
    });
    return null;
  }

  /** Puts the address into the account's settings: notices go there from now on. */
  tellAt(url: string): void {
    this.#twin.setNotices(this.#twin.noticeMode, { url, secret: this.#secrets.signsWith });
    this.account.put("webhook", { id: "postern", url });
  }

  /** Lets go what the account held back; gives how many messages. */
  release(): Promise<number> {
    return this.#twin.releaseHeld();
  }

  stop(): Promise<void> {
    return this.#twin.stop();
  }
}

const choiceOf = (mode: TwinMode): Choice => {
  const { label, explains, tone } = twinMode(mode);
  return { key: mode, label, explains, tone };
};
const variantChoice = (mode: TwinMode, variant: string): Choice => ({
  ...choiceOf(mode),
  key: `${mode}/${variant}`,
  label: `${twinMode(mode).label}: ${variant}`,
});

const WEBHOOK_TONES: Readonly<Record<string, Tone>> = { normal: "good", forged: "bad", silent: "bad" };
const WEBHOOK_CHOICES: readonly Choice[] = NOTICE_MODES.map((mode) => ({
  key: `${NOTICES}/${mode}`,
  label: mode.charAt(0).toUpperCase() + mode.slice(1),
  explains: NOTICE_WORDS[mode],
  tone: WEBHOOK_TONES[mode] ?? "odd",
}));

const portOf = ({ baseUrl }: ApiProviderSettings): number => Number(new URL(baseUrl ?? "http://127.0.0.1:0").port || 0);

const cannotListen = (settings: ApiProviderSettings, cause: unknown): Problem =>
  new Problem(
    "lab-port-taken",
    `The lab provider ${settings.name} cannot listen on 127.0.0.1:${portOf(settings)}. ` +
      "Stop the program that uses this port, or start with POSTERN_LAB_PORTS=0,0 to take any free ones.",
    cause,
  );
