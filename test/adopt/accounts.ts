import type { ApiKind } from "../../src/config/index.ts";
import type { TwinAccount } from "../../src/lab/twins/index.ts";

/** An account at one vendor, and what must come of it here. */
export type Account = {
  vendor: ApiKind;
  /** Of the provider in postern.yaml, and the options that say the same without one. */
  settings: Record<string, string>;
  options: readonly string[];
  fill(account: TwinAccount): void;
  /** Name, dialect, what goes out of it (subject, html), and how many versions. */
  templates: readonly (readonly [string, string, string | null, string | null, number])[];
  aliases?: readonly string[];
  uuids?: Readonly<Record<string, string>>;
  /** Templates that cannot be adopted, and a part of the reason. */
  refused: Readonly<Record<string, RegExp>>;
  /** Address, reason, instant. */
  suppressions: readonly (readonly [string, RegExp, string | null])[];
  left: Readonly<Record<string, number>>;
  /** Name of a record, its value, and whether it is found. */
  records: readonly (readonly [string, string, boolean | null])[];
  warnings: readonly string[];
};

const at = (text: string): number => Date.parse(text);
const FOREIGN = "partner.example.org";

export const ACCOUNTS: readonly Account[] = [
  {
    vendor: "mandrill",
    settings: {},
    options: [],
    fill(account) {
      account.things("setting").delete("metadata postern_attempt");
      account.put("domain", { id: FOREIGN, valid: false });
      account.put("webhook", { id: "7", url: "https://u:p@app.acme.example/hooks?x=1", events: ["hard_bounce"] });
      account.put("setting", { id: "subaccount c1", what: "subaccount", name: "c1", status: "active" });
      account.put("template", {
        id: "welcome",
        name: "Welcome!",
        labels: ["a"],
        code: "<p>Hi *|NAME|*, new</p>",
        publish_code: "<p>Hi *|NAME|*</p>",
        subject: "Hello *|NAME|*",
        from_email: "hello@account.acme.example",
        from_name: "Acme",
      });
      account.put("template", { id: "braces", code: "<p>{{#if a}}{{a}}{{/if}}</p>", subject: "S" });
      account.put("template", { id: "unsub", code: "<a href='*|UNSUB|*'>x</a>" });
      const add = (email: string, reason: string) =>
        account.put("suppression", { id: email, reason, detail: "550 <a@b.example>", at: at("2024-02-03T04:05:06Z") });
      for (const [email, reason] of [
        ["gone@example.com", "hard-bounce"],
        ["angry@example.com", "spam"],
        ["no@example.com", "unsub"],
        ["hand@example.com", "manual"],
        ["full@example.com", "soft-bounce"],
      ] as const) {
        add(email, reason);
      }
    },
    templates: [
      ["braces", "handlebars", "S", "<p>{{#if a}}{{a}}{{/if}}</p>", 1],
      ["welcome", "mailchimp", "Hello *|NAME|*", "<p>Hi *|NAME|*</p>", 2],
    ],
    aliases: ["Welcome!"],
    refused: { unsub: /UNSUB.*is not known here/ },
    suppressions: [
      ["angry@example.com", /^complained: at mandrill, 550/, "2024-02-03T04:05:06.000Z"],
      ["gone@example.com", /^bounced: at mandrill, 550 <\[address\]>$/, "2024-02-03T04:05:06.000Z"],
      ["hand@example.com", /^at mandrill, 550/, "2024-02-03T04:05:06.000Z"],
      ["no@example.com", /^unsubscribed: /, "2024-02-03T04:05:06.000Z"],
    ],
    left: { "soft bounces end by themselves": 1 },
    records: [
      ["mte1._domainkey.account.acme.example", "dkim1.mandrillapp.com", true],
      [FOREIGN, "include:spf.mandrillapp.com", false],
    ],
    warnings: ["webhook-elsewhere", "domain-unverified", "domain-foreign", "subaccount", "metadata-not-indexed"],
  },
  {
    vendor: "sendgrid",
    settings: {},
    options: [],
    fill(account) {
      const records = (valid: boolean) => ({
        mail_cname: { valid, type: "cname", host: "em1.account.acme.example", data: "u1.wl.sendgrid.net" },
        dkim1: {
          valid,
          type: "cname",
          host: "s1._domainkey.account.acme.example",
          data: "s1.domainkey.u1.wl.sendgrid.net",
        },
      });
      account.put("domain", { ...account.things("domain").get("1")!, dns: records(true) });
      for (let n = 2; n <= 60; n += 1) account.put("domain", { id: String(n), domain: FOREIGN, valid: false });
      account.put("sender", { id: "1", email: "me@account.acme.example", confirmed: false });
      account.put("webhook", { id: "w1", url: "https://app.acme.example/sendgrid", processed: false });
      account.put("user", { id: "kid", what: "subuser" });
      account.put("template", {
        id: "d-13b8f94fbcae4ec6b75270d6cb59f932",
        name: "Welcome",
        versions: [
          {
            id: "v2",
            name: "new",
            active: 1,
            subject: "Hi {{name}}",
            html_content: "<p>{{name}}</p>",
            plain_content: "{{name}}",
            updated_at: "2024-02-01 00:00:00",
          },
          {
            id: "v1",
            name: "old",
            active: 0,
            subject: "Old",
            html_content: "<p>old</p>",
            updated_at: "2023-02-01 00:00:00",
          },
        ],
      });
      account.put("template", {
        id: "33feeff2-5069-43fe-8853-428651e5be79",
        name: "Legacy",
        generation: "legacy",
        versions: [
          {
            id: "v1",
            name: "one",
            active: 1,
            subject: "<%subject%>",
            html_content: "<p>-name- <%body%></p>",
            updated_at: "2020-02-01 00:00:00",
          },
        ],
      });
      account.put("template", {
        id: "d-00000000000000000000000000000001",
        name: "Partial",
        versions: [{ id: "v1", name: "one", active: 1, subject: "S", html_content: "{{> footer}}" }],
      });
      const add = (list: string, email: string) =>
        account.put("suppression", {
          id: `${list} ${email}`,
          list,
          email,
          reason: "550 no",
          at: at("2024-02-03T04:05:06Z"),
        });
      for (let n = 0; n < 1_200; n += 1) add("bounces", `bounce${n}@example.com`);
      add("spam_reports", "angry@example.com");
      add("unsubscribes", "no@example.com");
      add("invalid_emails", "typo@example.invalid");
      add("blocks", "blocked@example.com");
      add("group", "news@example.com");
    },
    templates: [
      ["33feeff2-5069-43fe-8853-428651e5be79", "substitution", "<%subject%>", "<p>-name- <%body%></p>", 1],
      ["d-13b8f94fbcae4ec6b75270d6cb59f932", "handlebars", "Hi {{name}}", "<p>{{name}}</p>", 2],
    ],
    uuids: { "d-13b8f94fbcae4ec6b75270d6cb59f932": "13b8f94f-bcae-4ec6-b752-70d6cb59f932" },
    refused: { "d-00000000000000000000000000000001": /Partials.*are not known here/ },
    suppressions: [
      ["angry@example.com", /^complained: at sendgrid/, "2024-02-03T04:05:06.000Z"],
      ["bounce1199@example.com", /^bounced: at sendgrid, 550 no$/, "2024-02-03T04:05:06.000Z"],
      ["no@example.com", /^unsubscribed: at sendgrid$/, "2024-02-03T04:05:06.000Z"],
      ["typo@example.invalid", /^invalid: /, "2024-02-03T04:05:06.000Z"],
    ],
    left: { "blocks do not suppress": 1, "unsubscribed from one group of mail": 1 },
    records: [["s1._domainkey.account.acme.example", "s1.domainkey.u1.wl.sendgrid.net", true]],
    warnings: ["webhook-elsewhere", "domain-unverified", "sender-unverified", "domain-foreign", "subaccount"],
  },
  {
    vendor: "postmark",
    settings: { readKey: "env:READ_KEY" },
    options: ["--read-key", "env:READ_KEY"],
    fill(account) {
      account.put("domain", { id: FOREIGN, verified: false });
      account.put("sender", { id: "me@account.acme.example", confirmed: false });
      account.put("webhook", { id: "9", url: "https://app.acme.example/postmark" });
      account.put("setting", { id: "news", type: "Broadcasts" });
      account.put("user", { id: "Other server" });
      account.put("template", {
        id: "4711",
        Name: "Welcome",
        Alias: "welcome",
        Subject: "Hi {{name}}",
        HtmlBody: "<p>{{name}}</p>",
        LayoutTemplate: "frame",
      });
      account.put("template", { id: "4712", Name: "No alias", Subject: "S", TextBody: "T" });
      account.put("template", {
        id: "4713",
        Name: "Frame",
        Alias: "frame",
        TemplateType: "Layout",
        HtmlBody: "<html>{{{ @content }}}</html>",
        TextBody: "{{{@content}}}",
      });
      account.put("template", { id: "4714", Name: "Bad", Alias: "bad", Subject: "S", HtmlBody: "{{> x}}" });
      const add = (email: string, reason: string, origin: string, stream = "outbound") =>
        account.put("suppression", {
          id: `${stream} ${email}`,
          email,
          reason,
          origin,
          stream,
          at: at("2024-02-03T04:05:06Z"),
        });
      add("gone@example.com", "HardBounce", "Recipient");
      add("angry@example.com", "SpamComplaint", "Recipient");
      add("no@example.com", "ManualSuppression", "Recipient");
      add("hand@example.com", "ManualSuppression", "Customer");
      add("reader@example.com", "ManualSuppression", "Recipient", "news");
    },
    templates: [
      ["4712", "mustachio", "S", null, 1],
      ["welcome", "mustachio", "Hi {{name}}", "<html><p>{{name}}</p></html>", 1],
    ],
    aliases: ["4711"],
    refused: { frame: /layout/, bad: /template-not-supported/ },
    suppressions: [
      ["angry@example.com", /^complained: at postmark, stream outbound$/, "2024-02-03T04:05:06.000Z"],
      ["gone@example.com", /^bounced: /, "2024-02-03T04:05:06.000Z"],
      ["hand@example.com", /^at postmark/, "2024-02-03T04:05:06.000Z"],
      ["no@example.com", /^unsubscribed: /, "2024-02-03T04:05:06.000Z"],
    ],
    left: { "of the stream news": 1 },
    records: [
      ["20260101pm._domainkey.account.acme.example", "k=rsa;p=MIGf", true],
      [`20260101pm._domainkey.${FOREIGN}`, "k=rsa;p=MIGf", false],
      ["pm-bounces.account.acme.example", "pm.mtasv.net", true],
    ],
    warnings: ["webhook-elsewhere", "domain-unverified", "sender-unverified", "domain-foreign", "subaccount"],
  },
  {
    vendor: "mailgun",
    settings: { domain: "account.acme.example" },
    options: ["--domain", "account.acme.example"],
    fill(account) {
      account.put("domain", { id: FOREIGN, name: FOREIGN, state: "unverified" });
      account.put("sender", { id: `postmaster@${FOREIGN}` });
      account.put("webhook", { id: "1", url: "https://app.acme.example/mailgun" });
      account.put("key", { id: "old", description: "old", created_at: "2019-01-01T00:00:00" });
      account.put("setting", { id: "s1", what: "subaccount", name: "kid", status: "open" });
      const headers = {
        Subject: "Hi {{name}}",
        From: "Acme <hello@account.acme.example>",
        "Reply-To": "re@account.acme.example",
      };
      account.put("template", {
        id: "welcome",
        versions: [
          { tag: "v1", template: "<p>old</p>" },
          { tag: "v2", active: true, template: "<p>{{name}}</p>", headers },
        ],
      });
      account.put("template", {
        id: "go",
        versions: [{ tag: "v1", active: true, engine: "go", template: "<p>{{.name}}</p>" }],
      });
      for (let n = 0; n < 105; n += 1) {
        account.put("template", { id: `many-${n}`, versions: [{ tag: "v1", active: true, template: `<p>${n}</p>` }] });
      }
      const created_at = "Sat, 03 Feb 2024 04:05:06 UTC";
      account.put("suppression", { id: "gone@example.com", list: "bounces", created_at });
      account.put("suppression", { id: "angry@example.com", list: "complaints", created_at });
      account.put("suppression", { id: "no@example.com", created_at });
      account.put("suppression", { id: "tagged@example.com", tags: ["news"], created_at });
    },
    templates: [["welcome", "handlebars", "Hi {{name}}", "<p>{{name}}</p>", 2]],
    refused: { go: /engine go/ },
    suppressions: [
      ["angry@example.com", /^complained: at mailgun$/, "2024-02-03T04:05:06.000Z"],
      ["gone@example.com", /^bounced: at mailgun, 550 No such mailbox$/, "2024-02-03T04:05:06.000Z"],
      ["no@example.com", /^unsubscribed: /, "2024-02-03T04:05:06.000Z"],
    ],
    left: { "unsubscribed from one tag": 1 },
    records: [
      ["mx._domainkey.account.acme.example", "k=rsa; p=MIGf", true],
      [FOREIGN, "v=spf1 include:mailgun.org ~all", null],
    ],
    warnings: ["webhook-elsewhere", "domain-unverified", "domain-foreign", "subaccount", "key-old"],
  },
  {
    vendor: "resend",
    settings: {},
    options: [],
    fill(account) {
      account.put("domain", { id: "d2", name: FOREIGN, status: "failed" });
      account.put("webhook", { id: "w1", url: "https://app.acme.example/resend" });
      account.put("template", {
        id: "0c9dfb4a-5c1d-4b0e-8f5e-111111111111",
        name: "Welcome",
        alias: "welcome",
        subject: "Hi {{{NAME}}}",
        html: "<p>{{{NAME}}}</p>",
        from: "Acme <hello@account.acme.example>",
        variables: [{ key: "NAME", type: "string", fallback_value: "you" }],
      });
      account.put("template", {
        id: "0c9dfb4a-5c1d-4b0e-8f5e-222222222222",
        name: "List",
        subject: "S",
        html: "<p>{{{ITEMS}}}</p>",
        variables: [{ key: "ITEMS", type: "list" }],
      });
      for (let n = 0; n < 250; n += 1) {
        account.put("suppression", {
          id: `id-${n}`,
          email: `b${n}@example.com`,
          origin: "bounce",
          created_at: "2024-02-03 04:05:06.000+00",
        });
      }
      account.put("suppression", {
        id: "id-c",
        email: "angry@example.com",
        origin: "complaint",
        created_at: "2024-02-03 04:05:06.000+00",
      });
    },
    templates: [["resend-0c9dfb4a-5c1d-4b0e-8f5e-111111111111", "resend", "Hi {{{NAME}}}", "<p>{{{NAME}}}</p>", 1]],
    aliases: ["welcome"],
    uuids: { "resend-0c9dfb4a-5c1d-4b0e-8f5e-111111111111": "0c9dfb4a-5c1d-4b0e-8f5e-111111111111" },
    refused: { "resend-0c9dfb4a-5c1d-4b0e-8f5e-222222222222": /ITEMS/ },
    suppressions: [
      ["angry@example.com", /^complained: at resend$/, "2024-02-03T04:05:06.000Z"],
      ["b249@example.com", /^bounced: at resend$/, "2024-02-03T04:05:06.000Z"],
    ],
    left: {},
    records: [
      ["send.account.acme.example", "10 feedback-smtp.eu-west-1.amazonses.com", true],
      ["resend._domainkey.account.acme.example", "p=MIGf", true],
      [`resend._domainkey.${FOREIGN}`, "p=MIGf", false],
    ],
    warnings: ["webhook-elsewhere", "domain-unverified", "domain-foreign", "key-unused"],
  },
  {
    vendor: "ses",
    settings: { accessKeyId: "AKIALABSES0000000001", region: "eu-central-1" },
    options: ["--access-key-id", "AKIALABSES0000000001", "--region", "eu-central-1"],
    fill(account) {
      const own = account.things("domain").get("account.acme.example")!;
      account.put("domain", { ...own, tokens: ["tok1", "tok2"], mailFrom: "bounce.account.acme.example" });
      account.put("domain", { id: FOREIGN, verified: false, tokens: ["tok3"] });
      account.put("sender", { id: "me@account.acme.example", verified: false });
      account.put("setting", { id: "account", ProductionAccessEnabled: false });
      account.put("webhook", { id: "bounces" });
      account.put("template", { id: "welcome", subject: "Hi {{name}}", html: "<p>{{name}}</p>", text: "{{name}}" });
      account.put("template", { id: "bad", subject: "S", html: "{{> footer}}" });
      for (let n = 0; n < 1_100; n += 1) {
        account.put("suppression", { id: `b${n}@example.com`, reason: "BOUNCE", at: at("2024-02-03T04:05:06Z") });
      }
      account.put("suppression", { id: "angry@example.com", reason: "COMPLAINT", at: at("2024-02-03T04:05:06Z") });
    },
    templates: [["welcome", "handlebars", "Hi {{name}}", "<p>{{name}}</p>", 1]],
    refused: { bad: /Partials/ },
    suppressions: [
      ["angry@example.com", /^complained: at ses$/, "2024-02-03T04:05:06.000Z"],
      ["b1099@example.com", /^bounced: at ses$/, "2024-02-03T04:05:06.000Z"],
    ],
    left: {},
    records: [
      ["tok1._domainkey.account.acme.example", "tok1.dkim.amazonses.com", true],
      ["bounce.account.acme.example", "10 feedback-smtp.eu-central-1.amazonses.com", true],
      [`tok3._domainkey.${FOREIGN}`, "tok3.dkim.amazonses.com", false],
    ],
    warnings: ["account-state", "webhook-elsewhere", "domain-unverified", "sender-unverified", "domain-foreign"],
  },
];
