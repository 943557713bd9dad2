const LEVELS = "▁▂▃▄▅▆▇█";

/** Values in so many columns, each the greatest of its share; null where its share holds none. */
export const columnsOf = (values: readonly (number | null)[], width: number): (number | null)[] =>
  Array.from({ length: width }, (_, n) => {
    const from = Math.floor((n * values.length) / width);
    const to = Math.max(from + 1, Math.floor(((n + 1) * values.length) / width));
    const own = values.slice(from, to).filter((value) => value !== null);
    return own.length === 0 ? null : Math.max(...own);
  });

/** A block as high as `value` is of `greatest`; of nothing the lowest. */
export const levelOf = (value: number, greatest: number): string =>
  LEVELS[greatest === 0 ? 0 : Math.min(LEVELS.length - 1, Math.floor((value / greatest) * LEVELS.length))]!;
