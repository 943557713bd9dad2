import type { Call } from "../call.ts";
import { DOMAIN } from "../world.ts";
import { type Client, isRefused, quietly } from "./client.ts";

const LIST = `list@${DOMAIN}`;
const MEMBER = "ada@example.com";
const IP = "192.0.2.1";
const FILE = { data: Buffer.from("address\n"), filename: "list.csv" };

/** Of the parts of Mailgun that are none of ours: what each method is called with. */
const REFUSED: Readonly<Record<string, readonly unknown[]>> = {
  "domains.domainCredentials.destroyAll": [DOMAIN],
  "domains.domainTracking.regenerate": [DOMAIN],
  "domains.domainKeys.updateDKIMSelector": [DOMAIN, { dkimSelector: "s1" }],
  "domains.domainKeys.updateDKIMAuthority": [DOMAIN, { self: "true" }],
  "routes.get": ["x"],
  "routes.update": ["x", { description: "x" }],
  "routes.destroy": ["x"],
  "routes.matchAddress": [MEMBER],
  "validate.multipleValidation.get": ["x"],
  "validate.multipleValidation.create": ["x", { file: "address\n" }],
  "validate.multipleValidation.destroy": ["x"],
  "ips.get": [IP],
  "ip_pools.get": ["x"],
  "ip_pools.update": ["x", { name: "x" }],
  "ip_pools.destroy": ["x", { ip: IP }],
  "ip_pools.linkedDomains": ["x", {}],
  "ip_pools.addIp": ["x", IP],
  "ip_pools.removeIp": ["x", IP],
  "ip_pools.delegate": ["x", "y"],
  "ip_pools.revokeDelegation": ["x", "y"],
  "ip_pools.addIps": ["x", [IP]],
  "ip_pools.removeIpFromDomainPool": [DOMAIN, IP],
  "ip_pools.removeDomainPool": [DOMAIN],
  "ip_pools.unlinkDomainPool": [DOMAIN, "x"],
  "lists.listByAddress": [{ address: LIST }],
  "lists.get": [LIST],
  "lists.update": [LIST, { name: "x" }],
  "lists.destroy": [LIST],
  "lists.validate": [LIST],
  "lists.validationResult": [LIST],
  "lists.cancelValidation": [LIST],
  "lists.members.listMembersByAddress": [LIST, {}],
  "lists.members.getMember": [LIST, MEMBER],
  "lists.members.createMember": [LIST, { address: MEMBER }],
  "lists.members.createMembers": [LIST, { members: [{ address: MEMBER }], upsert: "yes" }],
  "lists.members.updateMember": [LIST, MEMBER, { name: "Ada" }],
  "lists.members.destroyMember": [LIST, MEMBER],
  "lists.members.upload": [LIST, FILE],
  "subaccounts.get": ["x"],
  "subaccounts.create": ["x"],
  "subaccounts.destroy": ["x"],
  "subaccounts.getMonthlySendingLimit": ["x"],
  "subaccounts.setMonthlySendingLimit": ["x", 1],
  "subaccounts.updateSubaccountFeature": ["x", { sending: true }],
  "subaccounts.enable": ["x"],
  "subaccounts.disable": ["x"],
  "inboxPlacements.runTest": [{ from: MEMBER }],
  "inboxPlacements.seedsLists.get": ["x"],
  "inboxPlacements.seedsLists.create": [{ seedCount: "1" }],
  "inboxPlacements.seedsLists.update": ["x", {}],
  "inboxPlacements.seedsLists.destroy": ["x"],
  "inboxPlacements.seedsLists.attributes.list": [],
  "inboxPlacements.seedsLists.attributes.get": ["x"],
  "inboxPlacements.seedsLists.filters.list": [],
  "inboxPlacements.results.list": [{}],
  "inboxPlacements.results.get": ["x"],
  "inboxPlacements.results.destroy": ["x"],
  "inboxPlacements.results.getResultByShareId": ["x"],
  "inboxPlacements.results.attributes.list": [],
  "inboxPlacements.results.attributes.get": ["x"],
  "inboxPlacements.results.filters.list": [],
  "inboxPlacements.results.sharing.get": ["x"],
  "inboxPlacements.results.sharing.update": ["x", { enabled: true }],
  "inboxPlacements.providers.list": [],
  "dkimManagement.update": [DOMAIN, { rotation_enabled: true }],
  "customMessageLimit.set": [1],
  "customMessageLimit.destroy": [],
  "customMessageLimit.enable": [],
  "accountManagement.updateAccountSettings": [{ name: "x" }],
  "accountManagement.createWebhookSigningKey": [],
  "accountManagement.getSandboxAuthorizedRecipients": [],
  "accountManagement.addSandboxAuthorizedRecipient": [MEMBER],
  "accountManagement.removeSandboxAuthorizedRecipient": [MEMBER],
  "accountManagement.resendActivationEmail": [],
  "accountManagement.updateAccountFeature": [{ ai_insights: { enabled: true } }],
  "apiKeys.list": [],
  "apiKeys.create": [{ role: "basic" }],
  "apiKeys.destroy": ["x"],
  "apiKeys.regeneratePublicKey": [],
};

type Group = Readonly<Record<string, unknown>>;

export function elsewhere(client: Client): Call[] {
  return Object.entries(REFUSED).map(([name, given]) => ({
    name,
    group: "other",
    run: () => quietly(() => called(client as unknown as Group, name.split("."), given)),
    refused: isRefused,
  }));
}

async function called(group: Group, [name, ...rest]: readonly string[], given: readonly unknown[]): Promise<unknown> {
  const member = group[name!];
  if (rest.length > 0) return called(member as Group, rest, given);
  return (member as (...values: unknown[]) => Promise<unknown>).apply(group, [...given]);
}
