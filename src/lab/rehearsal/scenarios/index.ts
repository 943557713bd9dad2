import type { Scenario } from "../scenario.ts";
import { s03 } from "./s03.ts";
import { s04 } from "./s04.ts";
import { s05 } from "./s05.ts";
import { s06 } from "./s06.ts";
import { s07 } from "./s07.ts";
import { s08 } from "./s08.ts";
import { s09 } from "./s09.ts";
import { s10 } from "./s10.ts";
import { s33 } from "./s33.ts";
import { s34 } from "./s34.ts";
import { s35 } from "./s35.ts";
import { s37 } from "./s37.ts";

/** Every scenario there is, in the order of their names; a new one is a file beside this and a line here. */
export const SCENARIOS: readonly Scenario[] = [s03, s04, s05, s06, s07, s08, s09, s10, s33, s34, s35, s37];
