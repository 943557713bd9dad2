/** What a tenant may keep. Sources are read rarely and written by people, so the bounds are against mistakes and misuse. */
export const STORE_BOUNDS = {
  templates: 1_000,
  /** Of one template; the oldest that is not published goes when there would be more. */
  versions: 50,
  /** All sources of a tenant. */
  bytes: 64 * 1024 * 1024,
  nameCharacters: 128,
  aliases: 8,
  labels: 10,
  labelCharacters: 100,
  textCharacters: 500,
  extraBytes: 4 * 1024,
  fallbacks: 50,
  fallbackCharacters: 2_000,
  /** Compiled forms in memory of a process, and the octets of their sources. */
  compiled: 256,
  compiledBytes: 8 * 1024 * 1024,
} as const;
