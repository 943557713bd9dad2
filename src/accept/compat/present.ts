/** A member only where it was given: null and absent are the same in these dialects. */
export const present = <Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): { [One in Name]?: Value } =>
  (value === null || value === undefined ? {} : { [name]: value }) as { [One in Name]?: Value };
