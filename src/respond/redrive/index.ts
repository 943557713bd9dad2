export { REDRIVE_BOUNDS } from "./bounds.ts";
export { Redrive, type RedriveParts, type RedriveWish, placeRedrive } from "./redrive.ts";
