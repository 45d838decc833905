import { certify, rsaKey } from '../control-plane/certificates.ts';

/** A certificate and its private key, as PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority. All certificates that it signs share one key, because generating keys is slow. */
export class Authority {
  readonly certificate: string;
  readonly #name: string;
  readonly #caKey: string;
  readonly #key: string;

  private constructor(name: string, caKey: string, key: string) {
    this.#name = name;
    this.#caKey = caKey;
    this.#key = key;
    this.certificate = certify({
      subject: name,
      key: caKey,
      issuer: name,
      issuerKey: caKey,
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, critical: true },
        { name: 'subjectKeyIdentifier' },
      ],
    });
  }

  static async make(name = 'test CA'): Promise<Authority> {
    const [caKey, key] = await Promise.all([rsaKey(), rsaKey()]);
    return new Authority(name, caKey, key);
  }

  /** Issues a certificate for a server with these names, and for 127.0.0.1 if `loopback` is set. */
  server(names: readonly string[], loopback = true): Pair {
    const altNames = [
      ...(loopback ? [{ type: 7, ip: '127.0.0.1' }] : []),
      ...names.map((value) => ({ type: 2, value })),
    ];
    return this.#issue(names[0] ?? 'server', [
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ]);
  }

  client(name: string): Pair {
    return this.#issue(name, [{ name: 'extKeyUsage', clientAuth: true }]);
  }

  #issue(subject: string, extensions: object[]): Pair {
    const certificate = certify({
      subject,
      key: this.#key,
      issuer: this.#name,
      issuerKey: this.#caKey,
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
        ...extensions,
      ],
    });
    return { certificate, key: this.#key };
  }
}
