import type { ReceiverSettings } from "./canaries.ts";
import { duplicates, unknownName } from "./check-tenants.ts";
import type { Settings } from "./settings.ts";
import { isLoopback } from "./values.ts";

type Say = (path: PropertyKey[], sentence: string) => void;

/** What involves more than one value. */
export function checkCanaries({ canaries, tenants, providers }: Settings, say: Say): void {
  if (!canaries) return;
  const at = ["canaries"];
  duplicates(
    canaries.receivers.map((one) => one.name),
    (n, one) => say([...at, "receivers", n, "name"], `the receiver ${one} is there twice.`),
  );
  canaries.receivers.forEach((one, n) => checkReceiver(one, [...at, "receivers", n], tenants, say));
  const owned = tenants.map((one) => one.name);
  canaries.templates.forEach((one, n) => {
    const here = [...at, "templates", n];
    const tenant = tenants.find(({ name: known }) => known === one.tenant);
    if (!tenant) return say([...here, "tenant"], unknownName(one.tenant, owned, "tenant"));
    const streams = tenant.streams.map((stream) => stream.name);
    if (!streams.includes(one.stream)) say([...here, "stream"], unknownName(one.stream, streams, "stream"));
  });
  const known = providers.map((one) => one.name);
  for (const one of Object.keys(canaries.providers))
    if (!known.includes(one)) say([...at, "providers", one], unknownName(one, known, "provider"));
  duplicates(
    canaries.signUps.map((one) => one.name),
    (n, one) => say([...at, "signUps", n, "name"], `the sign-up ${one} is there twice.`),
  );
  canaries.signUps.forEach((one, n) => {
    const here = [...at, "signUps", n];
    if (!owned.includes(one.tenant)) say([...here, "tenant"], unknownName(one.tenant, owned, "tenant"));
    if (one.url === "")
      return say(
        [...here, "url"],
        "is missing: the page with the form (page), the address the form goes to, or a hook (hook).",
      );
    const parts = [one.url, ...Object.values(one.fields)];
    if (!parts.some((part) => part.includes("{address}") || part.includes("%7Baddress%7D")))
      say([...here, "fields"], "name no {address}: the confirmation must come to a receiver of ours.");
    if (one.isPage && one.encoding === "json")
      say([...here, "encoding"], "does not fit a page: its form is sent as a browser sends it. Leave it out.");
    if (!canaries.receivers.some((each) => each.kind === "mx"))
      say(here, "needs a receiver of the kind mx: its addresses are new each time.");
  });
}

function checkReceiver(one: ReceiverSettings, at: PropertyKey[], tenants: Settings["tenants"], say: Say): void {
  if (one.kind === "mx") {
    if (one.domain === "") return say([...at, "domain"], "is missing: it is the part of its addresses behind the @.");
    const owner = tenants.find(({ domains }) =>
      domains.some((each) => each === one.domain || one.domain.endsWith(`.${each}`)),
    );
    // A provider that is told to look the other way would know it by the name, and mail to it would be mail to oneself.
    if (owner) say([...at, "domain"], `belongs to the tenant ${owner.name}: take a domain that nothing else uses.`);
    return;
  }
  for (const key of ["host", "address"] as const)
    if (one[key] === "") say([...at, key], "is missing: a mailbox (imap) needs its host, address and password.");
  if (one.password === undefined) say([...at, "password"], "is missing: name it as env:NAME or file:PATH.");
  if (one.tls === "none" && one.host !== "" && !isLoopback(one.host))
    say([...at, "tls"], "none would send the password in clear to another host: use starttls or implicit.");
}
