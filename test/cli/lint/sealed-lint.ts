import type { Destination, LintCluster, ObjectContext, ObjectRule } from '../../../cli/lint/object.ts';
import { objectsOf } from '../../../cli/lint/objects.ts';
import type { Problem } from '../../../cli/lint/problem.ts';
import { ruleOf } from '../../../cli/lint/rules.ts';
import { newMetadata } from '../../../shared/api/metadata.ts';
import { showPath } from '../../../shared/api/place.ts';
import type { Certificate } from '../../../shared/crypto/certificate.ts';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { withSealingAnnotations } from '../../../shared/input/sealing-annotations.ts';
import { sealedSecretJson } from '../../../shared/manifest/write.ts';
import type { Scope } from '../../../shared/seal/scope.ts';
import { seal } from '../../../shared/seal/seal.ts';
import { noteSecret } from '../../support/secrets-used.ts';
import { certificatePem } from '../../support/vectors.ts';

/** Keys of 2048, 3072 and 4096 bits, so that the size of a ciphertext tells them apart. */
export const SMALL = parseCertificate(certificatePem('c2048'), 'c2048');
/** See `SMALL`. */
export const LARGE = parseCertificate(certificatePem('a4096'), 'a4096');

const PLACE = { source: 'db.yaml' };

/** How to seal a test's object. */
export interface Sealing {
  readonly certificate?: Certificate;
  readonly name?: string;
  readonly namespace?: string;
  readonly scope?: Scope;
  readonly keyHint?: boolean;
  readonly record?: boolean;
  readonly items?: Readonly<Record<string, string>>;
}

/** The part of a SealedSecret that tests change. */
export interface SealedObject {
  readonly metadata: {
    name?: string;
    namespace?: string;
    annotations: Record<string, string>;
  };
  readonly spec: { encryptedData: Record<string, string> };
}

/** Seals an object as kubeseal does, by default with a record and without a hint. */
export async function sealedObject(sealing: Sealing = {}): Promise<SealedObject> {
  const { certificate = SMALL, name = 'db', namespace = 'shop', scope = 'strict' } = sealing;
  const { keyHint = false, record = true, items = { password: 'hunter2', user: 'bob' } } = sealing;
  for (const value of Object.values(items)) noteSecret(value);
  const data = new Map(Object.entries(items).map(([item, value]) => [item, Buffer.from(value)]));
  const secret = { metadata: newMetadata({ name, namespace }), type: '', immutable: undefined, data };
  const bare = await seal(secret, { certificate, place: PLACE, scope });
  const sealed = await withSealingAnnotations(bare, { certificate, keyHint, record, place: PLACE });
  const text = JSON.stringify(sealedSecretJson(sealed));
  const { metadata, ...rest } = JSON.parse(text) as SealedObject;
  return { ...rest, metadata: { ...metadata, annotations: { ...metadata.annotations } } };
}

/** Returns a cluster with certificates; the first one is the newest. */
export function clusterOf(name: string, ...certificates: readonly Certificate[]): LintCluster {
  return {
    name,
    certificates: certificates.map((certificate) => ({ certificate, from: `certs/${name}.pem` })),
  };
}

/** Returns a destination that a kustomization gives. */
export function destination(name: string, namespace: string): Destination {
  return { name, namespace, by: 'prod/kustomization.yaml' };
}

/** Returns what a rule finds in an object. */
export async function problemsIn(
  rule: ObjectRule,
  value: object,
  context: Partial<ObjectContext> = {},
): Promise<readonly Problem[]> {
  const [object] = objectsOf([{ value, place: PLACE }]);
  if (object === undefined) throw new Error('the value is no object');
  const { cluster } = context;
  return rule(object, {
    file: 'db.yaml',
    cluster: undefined,
    clusters: cluster === undefined ? [] : [cluster],
    maxScope: 'cluster-wide',
    destinations: [],
    plainFiles: [],
    now: new Date('2026-11-30T12:00:00Z'),
    ...context,
  });
}

/** Returns what a rule finds as lines such as `error metadata.name: it was sealed for shop/db, not for shop/api`. */
export async function linesIn(
  rule: ObjectRule,
  value: object,
  context: Partial<ObjectContext> = {},
): Promise<readonly string[]> {
  const problems = await problemsIn(rule, value, context);
  return problems.map(
    ({ rule: id, severity = ruleOf(id).severity, at, message }) => `${severity} ${showPath(at)}: ${message}`,
  );
}
