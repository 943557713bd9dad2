import assert from "node:assert/strict";
import type { ServerClient } from "postmark";
import type { Call } from "../call.ts";
import { STREAM, notSupported } from "./shared.ts";

export function others(client: ServerClient): Call[] {
  const refused = (name: string, run: () => Promise<unknown>): Call => ({
    name,
    group: "other",
    run,
    refused: notSupported,
  });
  const url = "https://acme.example/x";
  return [
    {
      name: "getServer",
      group: "other",
      async run() {
        assert.equal((await client.getServer()).Name, "acme");
      },
    },
    {
      name: "getMessageStreams",
      group: "other",
      note: "those of the configuration",
      async run() {
        const { MessageStreams } = await client.getMessageStreams();
        assert.ok(MessageStreams.some(({ ID }) => ID === STREAM));
      },
    },
    {
      name: "getMessageStream",
      group: "other",
      async run() {
        assert.equal((await client.getMessageStream(STREAM)).MessageStreamType, "Transactional");
      },
    },
    refused("createMessageStream", () =>
      client.createMessageStream({ ID: "x", Name: "x", MessageStreamType: "Transactional" }),
    ),
    refused("editMessageStream", () => client.editMessageStream(STREAM, { Name: "x" })),
    refused("archiveMessageStream", () => client.archiveMessageStream(STREAM)),
    refused("unarchiveMessageStream", () => client.unarchiveMessageStream(STREAM)),
    refused("editServer", () => client.editServer({ Name: "x" })),
    refused("getWebhooks", () => client.getWebhooks()),
    refused("getWebhook", () => client.getWebhook(1)),
    refused("createWebhook", () => client.createWebhook({ Url: url })),
    refused("editWebhook", () => client.editWebhook(1, { Url: url })),
    refused("deleteWebhook", () => client.deleteWebhook(1)),
    refused("getInboundMessages", () => client.getInboundMessages()),
    refused("getInboundMessageDetails", () => client.getInboundMessageDetails("x")),
    refused("bypassBlockedInboundMessage", () => client.bypassBlockedInboundMessage("x")),
    refused("retryInboundHookForMessage", () => client.retryInboundHookForMessage("x")),
    refused("createInboundRuleTrigger", () => client.createInboundRuleTrigger({ Rule: "x" })),
    refused("deleteInboundRuleTrigger", () => client.deleteInboundRuleTrigger(1)),
    refused("getInboundRuleTriggers", () => client.getInboundRuleTriggers()),
    ...(
      [
        "getOutboundOverview",
        "getSentCounts",
        "getBounceCounts",
        "getSpamComplaintsCounts",
        "getTrackedEmailCounts",
        "getEmailOpenCounts",
        "getEmailOpenPlatformUsage",
        "getEmailOpenClientUsage",
        "getEmailOpenReadTimes",
        "getClickCounts",
        "getClickBrowserUsage",
        "getClickPlatformUsage",
        "getClickLocation",
      ] as const
    ).map((name) => refused(name, () => client[name]())),
  ];
}
