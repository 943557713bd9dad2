import type { Scenario, Study } from "../scenario.ts";
import { s03 } from "./s03.ts";

/** Every scenario there is, in the order of their names; a new one is a file beside this and a line here. */
export const SCENARIOS: readonly (Scenario | Study)[] = [s03];
