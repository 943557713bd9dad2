import { readFileSync, statSync } from "node:fs";
import { type SecureContext, createSecureContext } from "node:tls";
import { type Clock, type Log, Problem, SECOND_MS, causeText } from "../../kernel/index.ts";

export type CertificateFiles = { certFile: string; keyFile: string };

/** A renewal is noticed after this long at the latest; looking costs two stat calls. */
const LOOK_MS = SECOND_MS;

/**
 * The door's certificate, read again when its files change: renewing one needs no restart. Files are looked at when a
 * handshake begins, not watched: renewal tools swap symbolic links, which watchers do not see.
 */
export class Certificate {
  readonly #files: CertificateFiles;
  readonly #clock: Clock;
  readonly #log: Log;
  #context: SecureContext;
  #stamp: string;
  #lookedAt: number;

  /** @throws Problem tls-certificate-unreadable */
  constructor(files: CertificateFiles, clock: Clock, log: Log) {
    this.#files = files;
    this.#clock = clock;
    this.#log = log;
    try {
      this.#stamp = stampOf(files);
      this.#context = read(files);
    } catch (error) {
      throw new Problem(
        "tls-certificate-unreadable",
        `The TLS certificate cannot be used: ${causeText(error)}. Check listen.tls.certFile (PEM, with its chain) and listen.tls.keyFile.`,
        error,
      );
    }
    this.#lookedAt = clock.monotonicMs();
  }

  /** The newest that works. A renewal caught half-way is tried again later. */
  context(): SecureContext {
    const now = this.#clock.monotonicMs();
    if (now - this.#lookedAt < LOOK_MS) return this.#context;
    this.#lookedAt = now;
    try {
      const stamp = stampOf(this.#files);
      if (stamp === this.#stamp) return this.#context;
      this.#context = read(this.#files);
      this.#stamp = stamp;
      this.#log.info("smtp.certificate-renewed");
    } catch (error) {
      this.#log.error("smtp.certificate-unreadable", { cause: causeText(error) });
    }
    return this.#context;
  }
}

// Size and inode too: a tool may give a new file an old date.
const stampOf = ({ certFile, keyFile }: CertificateFiles): string =>
  [certFile, keyFile]
    .map((file) => {
      const { mtimeMs, size, ino } = statSync(file);
      return `${mtimeMs}/${size}/${ino}`;
    })
    .join();

const read = ({ certFile, keyFile }: CertificateFiles): SecureContext =>
  createSecureContext({
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
    minVersion: "TLSv1.2", // RFC 8997: no TLS 1.1 for submission
  });
