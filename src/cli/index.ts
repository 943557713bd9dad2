export { runPostern } from "./program.ts";
export { END_SIGNALS, type EndSignal } from "./world.ts";
