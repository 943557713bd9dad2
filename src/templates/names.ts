/** Keys under which applications give the name of a person; compared by their letters and digits, without case. */
export const NAME_FIELDS: readonly string[] = [
  "name",
  "firstname",
  "lastname",
  "fullname",
  "displayname",
  "username",
  "givenname",
  "familyname",
  "fname",
  "lname",
  "nickname",
  "realname",
  "customername",
  "recipientname",
  "contactname",
  // As Mailgun's own examples have them.
  "first",
  "last",
];

const TLD =
  "(?:com|net|org|io|co|info|biz|app|dev|link|click|xyz|top|site|online|shop|store|live|me|ly|ru|cn|de|uk|us|eu|gg|to|cc|tv|icu|vip|club|pro|cloud|zip|mov|sbs|cfd|bond|rest|space|website|tech|work|world|fun|lol|support|help|page|ai|gov|edu)";
const URL_LIKE = new RegExp(`://|\\bwww\\.|[a-z0-9-]\\.[a-z]{2,}/|[a-z0-9-]\\.${TLD}(?![a-z0-9-])`, "i");

/**
 * Does a text for the name of a person look like an address to follow? Whoever can choose the name in an account can
 * otherwise write to others through the mail of that service ("Hello www.evil.example, confirm …").
 */
export const looksLikeAddress = (text: string): boolean =>
  // Full-width letters and invisible characters are what a reader does not see and a browser forgives.
  URL_LIKE.test(
    text
      .normalize("NFKC")
      .replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/g, "")
      .replace(/[\u3002\uff61]/g, "."),
  );

export const foldedName = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]/g, "");
