export { StandingBoard } from "./board.ts";
export {
  type KeptChange,
  type StandingChange,
  type StandingRow,
  changesOf,
  loadStandings,
  saveStanding,
} from "./rows.ts";
export {
  type Calibration,
  type Found,
  FOUND_BOUNDS,
  approveCalibration,
  assumedWith,
  insertCalibration,
  newestCalibration,
  waitingCalibration,
} from "./calibrations.ts";
