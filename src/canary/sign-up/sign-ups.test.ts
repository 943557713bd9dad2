import assert from "node:assert/strict";
import { once } from "node:events";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, test } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import type { SignUpSettings } from "../../config/index.ts";
import { Secret, silentLog, systemClock, systemRandom } from "../../kernel/index.ts";
import { silentMetrics } from "../../metrics/index.ts";
import { mxSettings } from "../canary-for-tests.ts";
import { canariesSince } from "../rows/canaries-since.ts";
import type { Canary } from "../rows/row.ts";
import { Tokens } from "../tokens.ts";
import { formCall } from "./form.ts";
import { formIn } from "./page-form.ts";
import { SignUps } from "./sign-ups.ts";

describe("a sign-up tried as a stranger would", () => {
  let fresh: FreshDatabase;
  let server: Server;
  let status = 200;
  const calls: { method: string; url: string; type: string; key: string; body: string }[] = [];
  const tokens = new Tokens(Buffer.alloc(32, 1));
  before(async () => {
    fresh = await freshDatabase();
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (piece) => (body += piece));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        calls.push({ method, url, type: headers["content-type"] ?? "", key: String(headers["x-key"] ?? ""), body });
        response.writeHead(status, status === 302 ? { location: "http://elsewhere.test/" } : {}).end("<html>");
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await fresh.drop();
  });
  beforeEach(async () => {
    calls.length = 0;
    status = 200;
    await fresh.database.query("DELETE FROM canaries");
  });
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = (but: Partial<SignUpSettings> = {}): SignUpSettings => ({
    name: "website",
    tenant: "acme",
    url: `${origin()}/register`,
    isPage: false,
    method: "POST",
    encoding: "form",
    fields: { email: "{address}", password: "{password}", again: "{password}" },
    headers: {},
    everyMs: 300_000,
    withinMs: 60_000,
    linkOrigin: null,
    follow: false,
    ...but,
  });
  const signUps = (but: Partial<SignUpSettings> = {}): SignUps =>
    new SignUps({
      signUps: [settings(but)],
      receivers: [mxSettings()],
      tokens,
      database: fresh.database,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      metrics: silentMetrics,
    });
  const only = async () => (await canariesSince(fresh.database, 0))[0]!;

  test("fills in the form with an address of ours, once in its time", async () => {
    const tried = signUps();
    tried.tick(1_000_000);
    tried.tick(1_100_000);
    await tried.stop();
    assert.equal(calls.length, 1);
    const form = new URLSearchParams(calls[0]!.body);
    const [localPart, domain] = form.get("email")!.split("@");
    assert.equal(domain, "c.test");
    assert.ok(tokens.read(localPart!), "a receiver of ours knows the address");
    assert.ok(form.get("password")!.length >= 20);
    assert.equal(form.get("again"), form.get("password"));
    const row = await only();
    assert.deepEqual(
      [row.kind, row.stream, row.result, row.provider, row.deadlineAt],
      ["sign-up", "website", null, null, 1_060_000],
    );
    tried.tick(1_300_000);
    await eventually(() => calls.length === 2);
    await tried.stop();
  });

  test("calls a hook in JSON with its key; a redirect is an answer and is not followed", async () => {
    status = 302;
    const hook = signUps({
      encoding: "json",
      fields: { address: "{address}" },
      headers: { "X-Key": new Secret("s3cret") },
    });
    hook.tick(0);
    await hook.stop();
    assert.deepEqual([calls.length, calls[0]?.type, calls[0]?.key], [1, "application/json", "s3cret"]);
    assert.match(JSON.parse(calls[0]!.body).address, /@c\.test$/);
    assert.equal((await only()).result, null);
  });

  test("an application that answers with an error, or not at all, is told as such", async () => {
    status = 503;
    const tried = signUps();
    tried.tick(0);
    await tried.stop();
    const { result, findings } = await only();
    assert.deepEqual(
      [result, findings],
      ["refused", [{ code: "sign-up-failed", detail: "The application answered 503." }]],
    );
    const nowhere = signUps({ url: "http://127.0.0.1:9/" });
    nowhere.tick(0);
    await nowhere.stop();
    assert.equal((await canariesSince(fresh.database, 0)).at(-1)?.findings[0]?.code, "sign-up-failed");
  });

  test("the confirmation's link is looked at, and opened only where that is asked for", async () => {
    const mail = (link: string) =>
      Buffer.from(`From: a@acme.test\r\nContent-Type: text/plain\r\n\r\nConfirm: ${link}.\r\n`);
    const canary = { stream: "website" } as Canary;
    const right = `${origin()}/confirm?t=1`;
    const looking = signUps({ linkOrigin: origin() });
    assert.deepEqual(await looking.look(canary, mail(right)), []);
    assert.equal(calls.length, 0);
    assert.deepEqual(
      (await looking.look(canary, mail("https://evil.test/x"))).map(({ code, detail }) => `${code} ${detail}`),
      ["link-elsewhere Its links lead to https://evil.test."],
    );
    assert.equal((await looking.look(canary, mail("soon")))[0]?.code, "link-missing");
    const following = signUps({ linkOrigin: origin(), follow: true });
    assert.deepEqual(await following.look(canary, mail(right)), []);
    assert.deepEqual(
      calls.map(({ method, url }) => `${method} ${url}`),
      ["GET /confirm?t=1"],
    );
    status = 500;
    assert.equal((await following.look(canary, mail(right)))[0]?.code, "sign-up-failed");
  });

  test("of a page the form is filled in with its token and cookies, and what it leads on to counts", async () => {
    const seen: string[] = [];
    let welcome = 200;
    const page =
      '<!-- <form action="/old"><input name="email"></form> --><form action="/search"><input name="q"></form>' +
      '<form method="post" action="?a=1&amp;b=2"><input type="hidden" name="csrf" value="t&quot;1">' +
      '<input name=email type=email><input name="password" type="password"><input name="again"><button>Go</button></form>';
    const application = createServer((request, response) => {
      let body = "";
      request.on("data", (piece) => (body += piece));
      request.on("end", () => {
        const { method, url, headers } = request;
        seen.push(`${method} ${url} ${headers.cookie ?? "-"} ${new URLSearchParams(body).get("csrf") ?? "-"}`);
        if (url === "/register")
          response.writeHead(302, { location: "/sign-up", "set-cookie": "lang=en; Path=/" }).end();
        else if (method === "POST") response.writeHead(303, { location: "/welcome", "set-cookie": "sid=2" }).end();
        else if (url === "/welcome") response.writeHead(welcome).end();
        else response.writeHead(200, { "set-cookie": ["sid=1; HttpOnly"] }).end(page);
      });
    });
    application.listen(0, "127.0.0.1");
    await once(application, "listening");
    const at = `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
    try {
      const tried = signUps({ url: `${at}/register`, isPage: true });
      tried.tick(0);
      await tried.stop();
      assert.deepEqual(seen, [
        "GET /register - -",
        "GET /sign-up lang=en -",
        'POST /sign-up?a=1&b=2 lang=en; sid=1 t"1',
        "GET /welcome lang=en; sid=2 -",
      ]);
      assert.equal((await only()).result, null, "the mail decides");
      welcome = 500;
      tried.tick(300_000);
      await tried.stop();
      assert.equal(
        (await canariesSince(fresh.database, 0)).at(-1)?.findings[0]?.detail,
        "The application answered 500.",
      );
    } finally {
      application.closeAllConnections();
      application.close();
    }
  });

  test("a page without the form says what it has", () => {
    assert.equal(
      formIn('<form><input name="user"><input name="pass"></form>', ["email"]),
      "No form of the page has the field email; it has user, pass.",
    );
    assert.match(formIn("<script>'<form>'</script><div id=root></div>", ["email"]) as string, /has no form/);
    assert.deepEqual(formIn('<FORM><input name="email"/></FORM>', ["email"]), {
      action: null,
      method: "GET",
      hidden: {},
    });
  });

  test("a GET carries its fields in the address", () => {
    const call = formCall(settings({ method: "GET", url: "https://a.test/r?x=1" }), {
      address: "m@c.test",
      password: "p&q",
    });
    assert.equal(call.url, "https://a.test/r?x=1&email=m%40c.test&password=p%26q&again=p%26q");
    assert.equal(call.body, null);
  });
});
