/**
 * One child (one series) of a metric per combination of label values, found again in about 30 ns: prom-client would
 * check and hash the labels at every call. The first sight of a value is also where it is checked.
 */

/** Names of the configuration, codes and states. Anything else, an address above all, is not shown. */
const LABEL_VALUE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Series of one metric at most; a label that is not from a closed set must not fill the memory of two programs. */
const MOST_CHILDREN = 1_000;
const OTHER = "other";

const shown = (value: string): string => (LABEL_VALUE.test(value) ? value : OTHER);

/** Children of a metric with one label. */
export function childByOne<Child>(make: (value: string) => Child): (value: string) => Child {
  const children = new Map<string, Child>();
  let other: Child | undefined;
  return (value) => {
    const known = children.get(value);
    if (known !== undefined) return known;
    if (children.size >= MOST_CHILDREN) return (other ??= make(OTHER));
    const child = make(shown(value));
    children.set(value, child);
    return child;
  };
}

/** Children of a metric with two labels. */
export function childByTwo<Child>(make: (first: string, second: string) => Child): (a: string, b: string) => Child {
  const children = new Map<string, Map<string, Child>>();
  let count = 0;
  let other: Child | undefined;
  return (first, second) => {
    const known = children.get(first)?.get(second);
    if (known !== undefined) return known;
    if (count >= MOST_CHILDREN) return (other ??= make(OTHER, OTHER));
    count += 1;
    const child = make(shown(first), shown(second));
    const under = children.get(first);
    if (under) under.set(second, child);
    else children.set(first, new Map([[second, child]]));
    return child;
  };
}
