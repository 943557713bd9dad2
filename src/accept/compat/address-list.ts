/** A list as people write it: addresses with or without names, parted by commas; a comma in quotes parts nothing. */
export const addressList = (given: string | null | undefined): string[] =>
  (given ?? "").match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g)?.flatMap((one) => (one.trim() === "" ? [] : [one.trim()])) ?? [];
