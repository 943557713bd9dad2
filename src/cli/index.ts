export { runPostern } from "./program.ts";
export type { Screen, World } from "./world.ts";
