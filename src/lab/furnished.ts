import type { ApiKind } from "../config/index.ts";
import type { TwinAccount } from "./twins/index.ts";

/**
 * An account that has been used for a while, so that `postern adopt` finds something in the lab: two templates that can be
 * brought along, one that cannot, and addresses that were suppressed. Mandrill's only: it carries the lab's mail.
 */
export function furnish(account: TwinAccount, kind: ApiKind): void {
  if (kind !== "mandrill") return;
  account.put("template", {
    id: "welcome",
    name: "Welcome",
    subject: "Welcome, *|NAME|*",
    code: '<p>Hello *|NAME|*,</p><p><a href="*|URL|*">Begin</a></p>',
    text: "Hello *|NAME|*: *|URL|*",
  });
  account.put("template", {
    id: "receipt",
    name: "Receipt",
    subject: "Your receipt {{number}}",
    code: "<ul>{{#each lines}}<li>{{this}}</li>{{/each}}</ul>",
  });
  account.put("template", { id: "newsletter", name: "Newsletter", code: '<a href="*|UNSUB|*">No more</a>' });
  for (const [n, reason] of ["hard-bounce", "hard-bounce", "spam", "unsub", "soft-bounce"].entries()) {
    account.put("suppression", { id: `suppressed-${n + 1}@example.org`, reason, at: Date.UTC(2026, 0, n + 1) });
  }
}
