export type { Lab, LabParts } from "./lab.ts";
export { LAB_MODES, type LabMode } from "./modes.ts";
export { startLab } from "./start-lab.ts";
