import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { Problem } from "../../kernel/index.ts";
import { clusterOf, embeddedHome, mayEnter } from "./home.ts";
import { findPrograms } from "./package.ts";

const isRoot = process.getuid?.() === 0;
let folder: string;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-home-"));
  chmodSync(folder, 0o755);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const inside = (name: string, mode: number): string => {
  const made = path.join(folder, name);
  mkdirSync(made, { recursive: true });
  chmodSync(made, mode);
  return made;
};

test("a folder may be entered by others when every folder on the way lets them through", () => {
  const open = inside("open", 0o711);
  const shut = inside("shut", 0o700);
  assert.equal(mayEnter(open), true);
  assert.equal(mayEnter(shut), false);
  mkdirSync(path.join(shut, "below"), { mode: 0o755 });
  assert.equal(mayEnter(path.join(shut, "below")), false);
});

test("the cluster lives in the data folder, for its user alone", () => {
  const data = inside("usual", 0o755);
  const home = embeddedHome(data);
  assert.equal(home.cluster, path.join(data, "postgres"));
  assert.equal(clusterOf(data), home.cluster);
  assert.equal(home.user === null, !isRoot, "root runs it as somebody else");
  for (const own of [home.cluster, home.socketFolder]) {
    assert.equal(statSync(own).mode & 0o777, 0o700);
    assert.equal(statSync(own).uid, home.user?.uid ?? process.getuid?.());
  }
});

test(
  "in a home that no other user may enter, root keeps the cluster elsewhere and notes where",
  {
    skip: isRoot ? false : "only root runs the server as another user",
  },
  () => {
    const data = inside("private", 0o700);
    const home = embeddedHome(data);
    const root = path.dirname(home.cluster);
    try {
      assert.equal(readFileSync(path.join(data, "postgres.location"), "utf8").trim(), root);
      assert.ok(mayEnter(path.dirname(root)) && !home.cluster.startsWith(data));
      assert.equal(clusterOf(data), home.cluster);
      assert.deepEqual(embeddedHome(data).cluster, home.cluster, "the next start finds it there");
      rmSync(path.join(data, "postgres.location"));
      const anew = embeddedHome(data);
      assert.notEqual(anew.cluster, home.cluster, "a data folder begun anew never meets what the old one left");
      rmSync(path.dirname(anew.cluster), { recursive: true });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
);

test(
  "a cluster of another user is refused with the way out",
  {
    skip: isRoot ? false : "only root can make a folder of another user",
  },
  () => {
    const data = inside("foreign", 0o755);
    mkdirSync(path.join(data, "postgres"));
    chownSync(path.join(data, "postgres"), 12_345, 12_345);
    assert.throws(
      () => embeddedHome(data),
      (error) =>
        error instanceof Problem && error.code === "data-folder-foreign" && /uid 12345/.test(error.publicMessage),
    );
  },
);

test("a path too long for a socket's name gets a short one of its own", () => {
  const data = inside(`${"long".repeat(20)}/${"path".repeat(10)}`, 0o755);
  chmodSync(path.dirname(data), 0o755);
  const home = embeddedHome(data);
  assert.ok(home.socketFolder.length < 60, home.socketFolder);
  assert.ok(existsSync(home.socketFolder));
  rmSync(home.socketFolder, { recursive: true });
});

test("a short folder that somebody else made, or made a link, is not used: its name can be guessed", () => {
  const data = inside(`${"long".repeat(20)}/${"trap".repeat(10)}`, 0o755);
  chmodSync(path.dirname(data), 0o755);
  const { socketFolder } = embeddedHome(data);
  rmSync(socketFolder, { recursive: true });
  const theirs = inside("theirs", 0o755);
  const refused = () =>
    assert.throws(
      () => embeddedHome(data),
      (error) => error instanceof Problem && error.code === "socket-folder-foreign",
    );
  symlinkSync(theirs, socketFolder);
  try {
    refused();
    assert.equal(statSync(theirs).mode & 0o777, 0o755, "what the link points to is left alone");
    if (!isRoot) return;
    rmSync(socketFolder);
    mkdirSync(socketFolder);
    chownSync(socketFolder, 12_345, 12_345);
    refused();
  } finally {
    rmSync(socketFolder, { recursive: true });
  }
});

test("npm brought PostgreSQL for this machine; for one it has none for, the sentence says what to do", () => {
  const { folder: programs, version } = findPrograms();
  assert.ok(existsSync(path.join(programs, "bin/postgres")));
  assert.match(version, /^\d+\.\d+/);
  assert.throws(
    () => findPrograms("sunos", "sparc"),
    (error) =>
      error instanceof Problem &&
      error.code === "embedded-unsupported" &&
      /sunos-sparc.*database\.url/.test(error.publicMessage),
  );
});
