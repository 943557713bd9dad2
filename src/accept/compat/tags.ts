/** What a tag's name may be: other characters become hyphens, and 64 are kept. */
export const tagName = (name: string): string => name.replace(/[^A-Za-z0-9_.-]/g, "-").slice(0, 64);
