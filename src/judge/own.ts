/** The stratum of canaries to receivers of our own: they confirm themselves, no word of the provider is needed. */
export const OWN = "own";
