export { Redrive, placeRedrive } from "./redrive.ts";
