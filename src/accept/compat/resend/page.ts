import { type ResendError, invalid } from "./dialect.ts";

/** resend.com/docs/api-reference/pagination (seen 2026-11-25): limit 1 to 100, 20 unless said, and the id after which it goes on. */
export type ResendPage = { limit: number; after: string | null };

export function pageOf(query: unknown): ResendPage | ResendError {
  const { limit, after, before } = query as Record<string, string | undefined>;
  const wanted = limit === undefined ? 20 : Number(limit);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 100) return invalid("The `limit` must be 1 to 100.");
  if (before !== undefined) return invalid("`before` is not supported by this server (Postern): page on with `after`.");
  return { limit: wanted, after: after ?? null };
}

/** Items read one beyond the page: whether there are more is known without counting. */
export const listOf = <Item>(items: readonly Item[], limit: number, answer: (item: Item) => object): object => ({
  object: "list",
  has_more: items.length > limit,
  data: items.slice(0, limit).map(answer),
});
