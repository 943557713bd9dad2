import type { Writing } from "./neutral.ts";

/** Values for the variables that templates usually have. What else a template needs is named in the configuration. */
export function synthetic({ name, domain, random }: Writing): Record<string, unknown> {
  const [first = name, last = ""] = name.split(" ");
  const link = `https://${domain}/${random.bytes(9).toString("base64url")}`;
  const code = String(random.bytes(4).readUInt32BE() % 1_000_000).padStart(6, "0");
  const links = [
    "link",
    "url",
    "action_url",
    "actionUrl",
    "confirm_url",
    "confirmUrl",
    "confirmation_url",
    "reset_url",
  ];
  const more = ["resetUrl", "login_url", "loginUrl", "magic_link", "verify_url", "verifyUrl", "unsubscribe_url"];
  return {
    name,
    user: { name, first_name: first, firstName: first },
    first_name: first,
    firstName: first,
    last_name: last,
    lastName: last,
    code,
    otp: code,
    token: code,
    ...Object.fromEntries([...links, ...more].map((key) => [key, link])),
  };
}
