export { PACE_BOUNDS } from "./pace.ts";
export { REDRIVE_BOUNDS } from "./bounds.ts";
export { Redrive, type RedriveParts, type RedriveWish, placeRedrive } from "./redrive.ts";
export type { StreamRoute } from "./stand-ins.ts";
