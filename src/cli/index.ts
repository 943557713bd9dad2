export { runPostern } from "./program.ts";
