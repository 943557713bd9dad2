import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { type ServedLab, serveLab } from "./served-lab-for-tests.ts";

let served: ServedLab;
beforeEach(async () => {
  served = await serveLab();
});
afterEach(() => served.stop());

test("the bare address leads to the pages", async () => {
  const { statusCode, headers } = await served.ask("/");
  assert.deepEqual([statusCode, headers["location"]], [302, "/lab"]);
});

describe("the lab shows hostile mail as text", () => {
  const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>`;
  test("in every place a message may reach", async () => {
    await served.mail(
      [
        `From: ${evil} <a@served.lab.test>`,
        `To: ${evil} <b@example.com>`,
        `Subject: ${evil}`,
        `X-Postern-Id: "><script>`,
        `X-Postern-Stream: "><script>`,
        `X-Evil: ${evil}`,
        `Content-Type: multipart/mixed; boundary=b`,
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        `</pre>${evil} https://evil.example/"><script>alert(1)</script>`,
        "--b",
        `Content-Type: application/x"><script>`,
        `Content-Disposition: attachment; filename="${evil.replaceAll('"', "")}"`,
        "",
        "x",
        "--b--",
      ].join("\r\n"),
    );
    for (const address of ["/lab", `/lab?q=${encodeURIComponent(evil)}`, "/lab/messages/1"]) {
      const page = await served.get(address);
      assert.doesNotMatch(page, /<script>|<img|<\/script><|onerror=alert\(1\)>/, address);
      assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/, address);
    }
    const { pieces } = await served.json("/lab/live");
    assert.doesNotMatch(JSON.stringify(pieces), /<script|<img/);
  });

  test("a search is escaped too", async () => {
    assert.match(await served.get(`/lab?q=${encodeURIComponent('"><script>')}`), /value="&quot;&gt;&lt;script&gt;"/);
  });

  test("and takes from its HTML what reaches out past a sandbox", async () => {
    const body = `<base href=//evil.example><META http-equiv=refresh content="0;url=//evil.example"><link rel=preconnect href=//evil.example><p>kept</p>`;
    await served.mail(`Content-Type: text/html\r\n\r\n${body}`);
    const page = await served.ask("/lab/messages/1/html");
    assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
    assert.doesNotMatch(page.body, /<(base|meta|link)/i);
    assert.match(page.body, /<p>kept<\/p>/);
    assert.match(await served.get("/lab/messages/1"), /<iframe[^>]*\ssandbox=""/);
  });

  test("controls and characters that turn text around are made visible", async () => {
    await served.mail("Subject: =?utf-8?Q?gnp=E2=80=AEexe.?=\r\nFrom: a@served.lab.test");
    assert.match(await served.get("/lab"), /gnp\ufffdexe\./);
  });

  test("an attachment is a download of no type, under a name that names no folder", async () => {
    await served.mail(
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n" +
        "Content-Disposition: attachment; filename*=utf-8''..%2F%C3%A4%22%0d%0aX-A:%20b.html\r\n\r\n<script>alert(1)</script>\r\n--b--",
    );
    const { headers, body } = await served.ask("/lab/messages/1/attachments/1");
    assert.equal(headers["content-type"], "application/octet-stream");
    assert.match(
      String(headers["content-disposition"]),
      /^attachment; filename\*=UTF-8''\.\._%C3%A4%22[\w%.-]*b\.html$/,
    );
    assert.equal(headers["x-a"], undefined);
    assert.match(String(headers["content-security-policy"]), /^sandbox;/);
    assert.equal(body.trim(), "<script>alert(1)</script>");
    for (const other of ["0", "2", "-1", "x", "1.5"])
      assert.equal((await served.ask(`/lab/messages/1/attachments/${other}`)).statusCode, 404, other);
  });
});

describe("the lab shows what is there", () => {
  test("an empty inbox teaches how to fill it, with the address in use", async () => {
    const page = await served.get("/lab");
    assert.match(page, /Send your first message: the terminal/);
    assert.match(page, /curl http:\/\/127\.0\.0\.1:8025\/v1\/messages/);
  });

  test("a message with who carried it, its stream and class where its header tells, and the id to ask for", async () => {
    await served.mail(
      "From: A <a@served.lab.test>\r\nTo: m@example.com\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nX-Postern-Id: 0190-1",
      1,
    );
    await served.mail("From: A <a@served.lab.test>\r\nX-Postern-Class: C0\r\nX-Postern-Stream: security");
    const page = await served.get("/lab");
    assert.match(page, /Grüße/);
    assert.match(page, /2 messages, <strong>2 unread<\/strong>/);
    assert.match(page, />lantern<[^]*>C0<|>C0<[^]*>lantern</);
    assert.match(await served.get("/lab/messages/1"), /<code>0190-1<\/code>/);
    assert.doesNotMatch(await served.get("/lab/messages/1"), />C0<|>security</);
    assert.match(await served.get("/lab/messages/2"), />C0<[^]*>security</);
  });

  test("text, links in full, headers and source; nothing of a link that is not the web's", async () => {
    await served.mail(
      "Content-Type: text/html\r\nX-One: 1\r\n\r\n" +
        `<a href="https://acme.example/c?a=1&amp;b=2">Paypal</a><a href='javascript:alert(1)'>x</a><a href=https://p%61ypal.example>y</a><link href="https://no.example/a.css">`,
    );
    const { links } = await served.json("/lab/api/messages/1");
    assert.deepEqual(links, ["https://acme.example/c?a=1&b=2", "https://paypal.example/"]);
    const page = await served.get("/lab/messages/1");
    assert.match(page, /href="https:\/\/acme\.example\/c\?a=1&amp;b=2"[^>]*rel="noopener noreferrer"/);
    assert.match(page, /<th scope="row">X-One<\/th>\s*<td>1<\/td>/);
    assert.match(page, /<pre class="source">Content-Type: text\/html/);
    assert.match(await served.get("/lab/messages/1/raw"), /^Content-Type: text\/html\r\nX-One: 1/);
  });

  test("the source of a message that cannot be taken apart, in good time", async () => {
    const deep = Array.from(
      { length: 1_000 },
      (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
    );
    await served.mail(deep.join(""));
    const page = await served.ask("/lab/messages/1");
    assert.equal(page.statusCode, 200);
    assert.match(page.body, /could not be taken apart/);
    assert.match(page.body, /boundary=b999|The first 64/);
  });

  test("a message that is gone says so, to people and to programs", async () => {
    for (const id of ["1", "0", "x", "1e3", "99999999999999999999"]) {
      const page = await served.ask(`/lab/messages/${id}`);
      assert.equal(page.statusCode, 404);
      assert.match(page.body, /Not here/);
      assert.equal((await served.ask(`/lab/api/messages/${id}`)).json().code, "lab-message-gone");
    }
  });
});

describe("the lab shows what people would be told", () => {
  const alert = {
    id: 7,
    key: "quarantined harbour",
    kind: "quarantined",
    severity: "page" as const,
    provider: "harbour",
    scope: "",
    sentence: "It says <b>delivered</b> of what never came.",
    numbers: {},
    at: Date.UTC(2022, 7, 8, 19, 29),
    acknowledgedAt: null as number | null,
    acknowledgedBy: null as string | null,
    resolvedAt: null as number | null,
    told: [],
  };
  const notice = { ...alert, id: 8, severity: "notice" as const, kind: "standby-in-use" };

  test("above both pages: a page first, with how to take it on; then who has it; what is over for some minutes", async () => {
    let alerts = [notice, alert];
    served.lab.showAlerts(() => Promise.resolve(alerts));
    for (const address of ["/lab", "/lab/providers"]) {
      const page = await served.get(address);
      assert.match(
        page,
        /harbour: A provider is quarantined[^]*alerts ack 7 --operator[^]*harbour: Mail goes by a standby/,
      );
      assert.match(page, /It says &lt;b&gt;delivered&lt;\/b&gt;/);
    }
    const piece = async () => (await served.json("/lab/live")).pieces.alerts as string;
    alerts = [{ ...alert, acknowledgedAt: alert.at, acknowledgedBy: "ada" }];
    assert.match(await piece(), /ada has it\./);
    alerts = [{ ...alert, resolvedAt: served.clock.now() }];
    assert.match(await piece(), /over/);
    await served.clock.advance(6 * 60_000);
    assert.doesNotMatch(await piece(), /harbour/);
  });

  test("what cannot be read is not shown, and the inbox is", async () => {
    served.lab.showAlerts(() => Promise.reject(new Error("away")));
    assert.match(await served.get("/lab"), /Send your first message/);
  });
});
