import { certify, rsaKey } from '../control-plane/certificates.ts';

/** A server's certificates, and the CA bundle with which a client verifies them. */
export interface TrustCase {
  readonly title: string;
  /** The chain that the server sends, as PEM. */
  readonly chain: string;
  /** The client's CA bundle, as PEM. */
  readonly bundle: string;
  /** Why the client rejects the server, as a regular expression; undefined if it accepts the server. */
  readonly refusal?: string;
}

const DAY = 24 * 60 * 60 * 1000;
const PAST = { notBefore: new Date(Date.now() - 30 * DAY), notAfter: new Date(Date.now() - DAY) };
const FUTURE = { notBefore: new Date(Date.now() + DAY), notAfter: new Date(Date.now() + 30 * DAY) };
const LOOPBACK = [{ type: 7, ip: '127.0.0.1' }];
const ELSEWHERE = [{ type: 2, value: 'elsewhere.example.test' }];

interface Issued {
  readonly subject: string;
  readonly issuer: string;
  readonly issuerKey: string;
  readonly validity?: { readonly notBefore: Date; readonly notAfter: Date };
}

/** Returns the cases, and the private key that all servers in them use. */
export async function trustCases(): Promise<{ readonly key: string; readonly cases: readonly TrustCase[] }> {
  const [rootKey, middleKey, key, strangerKey] = await Promise.all([rsaKey(), rsaKey(), rsaKey(), rsaKey()]);
  const authority = (ownKey: string, issued: Issued): string =>
    certify({
      ...issued,
      key: ownKey,
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, critical: true },
        { name: 'subjectKeyIdentifier' },
      ],
    });
  const serving = (
    issued: Omit<Issued, 'subject'>,
    altNames: object[] = LOOPBACK,
    usage: object = { serverAuth: true },
  ): string =>
    certify({
      ...issued,
      subject: issued.issuer === 'lone server' ? 'lone server' : 'server',
      key,
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'extKeyUsage', ...usage },
        { name: 'subjectAltName', altNames },
      ],
    });
  const byRoot = { issuer: 'root', issuerKey: rootKey };
  const byMiddle = { issuer: 'middle', issuerKey: middleKey };
  const byItself = { issuer: 'lone server', issuerKey: key };
  const middle = authority(middleKey, { subject: 'middle', ...byRoot });
  const agedMiddle = authority(middleKey, { subject: 'middle', ...byRoot, validity: PAST });
  const root = authority(rootKey, { subject: 'root', ...byRoot });
  const stranger = authority(strangerKey, { subject: 'root', issuer: 'root', issuerKey: strangerKey });
  const leaf = serving(byMiddle);
  const other = serving(byMiddle);
  const lone = serving(byItself);
  const expired = serving({ ...byMiddle, validity: PAST });
  const early = serving({ ...byMiddle, validity: FUTURE });
  const elsewhere = serving(byMiddle, ELSEWHERE);
  const loneElsewhere = serving(byItself, ELSEWHERE);
  const loneExpired = serving({ ...byItself, validity: PAST });
  const forClients = serving(byMiddle, LOOPBACK, { clientAuth: true });
  const underLeaf = certify({
    subject: 'forged',
    key,
    issuer: 'server',
    issuerKey: key,
    extensions: [
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: LOOPBACK },
    ],
  });

  const UNTRUSTED = 'its TLS certificate is not trusted';
  const EXPIRED = 'its TLS certificate has expired';
  const ELSEWHERE_REFUSAL = 'its TLS certificate is for another host';
  const cases: TrustCase[] = [
    { title: 'the root', chain: leaf + middle, bundle: root },
    { title: 'an intermediate, which the server sends', chain: leaf + middle, bundle: middle },
    { title: 'an intermediate, which the server does not send', chain: leaf, bundle: middle },
    { title: 'the server certificate, signed by an authority', chain: leaf + middle, bundle: leaf },
    { title: 'the server certificate, signed by an authority and sent alone', chain: leaf, bundle: leaf },
    { title: 'the server certificate, signed by itself', chain: lone, bundle: lone },
    { title: 'an intermediate behind a stranger', chain: leaf, bundle: stranger + middle },
    {
      title: 'another authority of the same name',
      chain: leaf + middle,
      bundle: stranger,
      refusal: UNTRUSTED,
    },
    { title: 'another certificate of the same key', chain: leaf + middle, bundle: other, refusal: UNTRUSTED },
    {
      title: 'a server certificate, and not that of its self-signed server',
      chain: lone,
      bundle: leaf,
      refusal: UNTRUSTED,
    },
    {
      title: 'a server certificate whose key signed another',
      chain: underLeaf + leaf,
      bundle: leaf,
      refusal: 'its TLS certificate is not (trusted|a server certificate)',
    },
    { title: 'the root, while the intermediate is missing', chain: leaf, bundle: root, refusal: UNTRUSTED },
    {
      title: 'an intermediate, of an expired server certificate',
      chain: expired + middle,
      bundle: middle,
      refusal: EXPIRED,
    },
    { title: 'an expired intermediate', chain: leaf, bundle: agedMiddle, refusal: EXPIRED },
    { title: 'the server certificate, expired', chain: expired, bundle: expired, refusal: EXPIRED },
    {
      title: 'the server certificate, signed by itself and expired',
      chain: loneExpired,
      bundle: loneExpired,
      refusal: EXPIRED,
    },
    {
      title: 'the server certificate, not valid yet',
      chain: early,
      bundle: early,
      refusal: 'its TLS certificate is not valid yet',
    },
    {
      title: 'an intermediate, of a server certificate for another host',
      chain: elsewhere,
      bundle: middle,
      refusal: ELSEWHERE_REFUSAL,
    },
    {
      title: 'the server certificate, for another host',
      chain: elsewhere,
      bundle: elsewhere,
      refusal: ELSEWHERE_REFUSAL,
    },
    {
      title: 'the server certificate, signed by itself for another host',
      chain: loneElsewhere,
      bundle: loneElsewhere,
      refusal: ELSEWHERE_REFUSAL,
    },
    {
      title: 'the server certificate, for clients only',
      chain: forClients,
      bundle: forClients,
      refusal: 'its TLS certificate is not a server certificate',
    },
  ];
  return { key, cases };
}
