export { seededRandom } from "../../src/kernel/index.ts";
