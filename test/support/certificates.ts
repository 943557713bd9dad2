import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";
import { DAY_MS } from "../../src/kernel/index.ts";
import { alternativeNames, nameOf, oid, pemOf, sequence, tagged, time } from "../../src/lab/twins/der.ts";

/** A certificate and its key, in PEM; `chain` is what a server sends. */
export type Issued = { certificate: string; chain: string; key: string; x509: X509Certificate; issuer: Issuer };
type Issuer = { commonName: string; privateKey: KeyObject };
export type Authority = Issued & { issue(names: string[], validity?: Validity): Issued };
/** Days from now; negative: before. */
export type Validity = { fromDays: number; toDays: number };

const USUAL: Validity = { fromDays: -1, toDays: 30 };

/** An authority of a test's own (RFC 5280), made while the test runs: nothing that could expire lies in a file. */
export function authority(commonName: string): Authority {
  const own = issue({ commonName, names: [], isCa: true, issuer: null, validity: USUAL });
  return {
    ...own,
    issue: (names, validity = USUAL) => {
      const leaf = issue({ commonName: names[0]!, names, isCa: false, issuer: own.issuer, validity });
      return { ...leaf, chain: leaf.certificate + own.certificate };
    },
  };
}

function issue(what: {
  commonName: string;
  names: string[];
  isCa: boolean;
  issuer: Issuer | null;
  validity: Validity;
}): Issued {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = what.issuer ?? { commonName: what.commonName, privateKey };
  const algorithm = sequence(oid("2a8648ce3d040302")); // ecdsa-with-SHA256
  const now = Date.now();
  const signedPart = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    nameOf(issuer.commonName),
    sequence(time(now + what.validity.fromDays * DAY_MS), time(now + what.validity.toDays * DAY_MS)),
    nameOf(what.commonName),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...(what.isCa ? [BASIC_CONSTRAINTS_CA] : [alternativeNames(what.names)]))),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign("sha256", signedPart, issuer.privateKey)]);
  const der = sequence(signedPart, algorithm, tagged(0x03, signature));
  const certificate = pemOf(der);
  return {
    certificate,
    chain: certificate,
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    x509: new X509Certificate(der),
    issuer: { commonName: what.commonName, privateKey },
  };
}

const BASIC_CONSTRAINTS_CA = sequence(
  oid("551d13"),
  tagged(0x01, Buffer.from([0xff])),
  tagged(0x04, sequence(tagged(0x01, Buffer.from([0xff])))),
);
