/** The group of canaries to receivers of our own: they confirm themselves, no word of the provider is needed. */
export const OWN = "own";

/** In tests of silence those of each stream are a stratum of their own, so that one lost stream is not taken for all. */
export const ownOf = (stream: string): string => `${OWN} ${stream}`;
export const isOwn = (group: string): boolean => group.startsWith(OWN) && (group === OWN || group[OWN.length] === " ");
