/** The official client comes without types; these are those of its calls that tests make. */
declare module "@mailchimp/mailchimp_transactional" {
  type Call = (body?: Record<string, unknown>) => Promise<unknown>;
  type Client = {
    basePath: string;
  } & Record<
    | "allowlists"
    | "exports"
    | "messages"
    | "metadata"
    | "rejects"
    | "senders"
    | "subaccounts"
    | "templates"
    | "users"
    | "webhooks",
    Record<string, Call>
  >;
  export default function mailchimp(apiKey: string): Client;
}
