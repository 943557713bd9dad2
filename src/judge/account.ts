/**
 * What a provider's own pages say of the account: its status, and whether it is set up as was signed. Before mail is tried
 * again both have to be clean, where it has such pages and they answer.
 */
export type StatusAnswer = "clean" | "suspended" | "unauthorised" | "unreachable";

export class Account {
  readonly #patienceMs: number;
  #status: { at: number; answer: Exclude<StatusAnswer, "unreachable"> } | null = null;
  #hasDrifted = false;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  polled(at: number, answer: StatusAnswer): void {
    if (answer !== "unreachable") this.#status = { at, answer };
  }

  postured(answer: "clean" | "drifted"): void {
    this.#hasDrifted = answer === "drifted";
  }

  /**
   * @param downSince an answer from before says nothing
   * @returns ask: it has a status page, which has not answered since
   */
  allowsTrial(now: number, downSince: number): "yes" | "no" | "ask" {
    if (this.#hasDrifted) return "no";
    if (this.#status === null) return "yes";
    if (this.#status.answer !== "clean") return "no";
    if (this.#status.at >= downSince) return "yes";
    return now - downSince >= this.#patienceMs ? "yes" : "ask";
  }
}
