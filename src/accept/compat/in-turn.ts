const LAST = new Map<string, Promise<unknown>>();

/**
 * Reads of ten thousand rows take some ten megabytes each, and dialects have questions that need them. A tenant's are
 * done one after another, in the order they came: many at once would take the memory that all tenants share.
 */
export async function inTurn<Result>(tenant: string, work: () => Promise<Result>): Promise<Result> {
  const mine = (LAST.get(tenant) ?? Promise.resolve()).then(work, work);
  LAST.set(tenant, mine);
  try {
    return await mine;
  } finally {
    if (LAST.get(tenant) === mine) LAST.delete(tenant);
  }
}
