export type { Lab, LabRehearsal } from "./lab.ts";
export type { LabMode } from "./modes.ts";
export { startLab } from "./start-lab.ts";
