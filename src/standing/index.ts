export { StandingBoard } from "./board.ts";
export {
  type KeptChange,
  type StandingChange,
  type StandingRow,
  changesOf,
  loadStandings,
  saveStanding,
} from "./rows.ts";
