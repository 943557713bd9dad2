import { z } from "zod";
import { EVENT_KIND_NAMES, hearsOf, wordsFor } from "../../../mail/index.ts";
import type { Tenant } from "../../../tenancy/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { mandrillError } from "./errors.ts";

export const webhookShape = z.looseObject({ id: z.union([z.number(), z.string()]) });

/** Those of the configuration that hear in Mandrill's words, numbered in its order. Keys are never told. */
function webhooksOf(tenant: Tenant | undefined): { id: number }[] {
  const all = tenant?.webhooks ?? [];
  return all.flatMap((webhook, n) =>
    webhook.format !== "mandrill"
      ? []
      : {
          id: n + 1,
          url: withoutSecrets(webhook.url),
          description: webhook.name,
          auth_key: null,
          events: [
            ...new Set(
              EVENT_KIND_NAMES.filter((kind) => hearsOf(webhook, kind)).flatMap((kind) => wordsFor("mandrill", kind)),
            ),
          ],
          created_at: null,
          last_sent_at: null,
          batches_sent: null,
          events_sent: null,
          last_error: null,
        },
  );
}

/** Passwords can stand before the host of an address, and in its query. */
function withoutSecrets(address: string): string {
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}

export const listWebhooks = (_given: unknown, who: Submitter, { tenants }: CompatParts): unknown =>
  webhooksOf(tenants.find(who.tenant));

export const webhookInfo = ({ id }: z.infer<typeof webhookShape>, who: Submitter, { tenants }: CompatParts): unknown =>
  webhooksOf(tenants.find(who.tenant)).find((one) => one.id === Number(id)) ??
  mandrillError("Unknown_Webhook", `Unknown webhook "${Number(id)}"`);
