import { ACCOUNTS } from "./accounts.ts";
import { everyAccount } from "./each-account.ts";

// Mandrill's goes through it in the short suite.
everyAccount(ACCOUNTS.filter(({ vendor }) => vendor !== "mandrill"));
