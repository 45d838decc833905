import { misfit } from '../../../shared/crypto/envelope.ts';
import { visible } from '../../../shared/text.ts';
import { knownKeysOf, type KnownKeys } from '../known-keys.ts';
import type { LintCluster, ObjectRule } from '../object.ts';
import type { Problem } from '../problem.ts';
import { itemsInWords } from '../sealed-items.ts';
import { sealedOf } from '../sealed-of.ts';

/**
 * S003: items that a key of another cluster sealed than that of the file. It is an error if the sealing record or the hint
 * names a key of a known cluster. It is a warning if the key is in no certificate of the cluster, by name or by proof: it
 * may be an older key, whose certificate nobody kept.
 */
export const wrongCluster: ObjectRule = (object, { cluster, clusters }) => {
  const sealed = sealedOf(object);
  if (sealed === undefined || cluster === undefined) return [];
  const known = knownKeysOf(sealed);
  const problems = namedProblems(known, cluster, clusters);
  const isHintWrong = problems.some(({ at }) => at[0] === 'metadata');
  return isHintWrong ? problems : [...problems, ...provenProblems(known, cluster)];
};

function namedProblems(
  { named }: KnownKeys,
  cluster: LintCluster,
  clusters: readonly LintCluster[],
): readonly Problem[] {
  return named.flatMap(({ key, at, what }): readonly Problem[] => {
    if (hasKey(cluster, key)) return [];
    const other = clusters.find((each) => hasKey(each, key));
    if (other !== undefined)
      return [
        {
          rule: 'S003',
          at,
          message:
            `a key of the cluster "${visible(other.name)}" sealed ${what} (${key}), ` +
            `and the file belongs to the cluster "${visible(cluster.name)}"`,
          advice: sealAgain(cluster),
        },
      ];
    const file = fileOf(cluster);
    if (file === undefined) return [];
    const message = `the key ${key} sealed ${what}, and the cluster "${visible(cluster.name)}" has no such certificate in ${file}`;
    return [{ rule: 'S003', severity: 'warning', at, message, advice: reEncryptOrSeal(file) }];
  });
}

/** Returns a warning about the items that no certificate of the cluster can have sealed. */
function provenProblems({ unrecorded, items }: KnownKeys, cluster: LintCluster): readonly Problem[] {
  const file = fileOf(cluster);
  if (file === undefined) return [];
  const moduli = cluster.certificates.map(({ certificate }) => certificate.publicKey.modulus);
  const foreign = unrecorded.filter(
    ({ envelope }) =>
      envelope !== undefined && moduli.every((modulus) => misfit(envelope, modulus) !== undefined),
  );
  const [first] = foreign;
  if (first === undefined) return [];
  const what = itemsInWords(foreign, items);
  const message = `no certificate of the cluster "${visible(cluster.name)}" in ${file} can have sealed ${what}`;
  return [{ rule: 'S003', severity: 'warning', at: first.at, message, advice: reEncryptOrSeal(file) }];
}

function hasKey({ certificates }: LintCluster, key: string): boolean {
  return certificates.some(({ certificate }) => certificate.fingerprint === key);
}

/** Returns the file of a cluster's newest certificate. Undefined if no certificate is known. */
function fileOf({ certificates }: LintCluster): string | undefined {
  const [newest] = certificates;
  return newest && visible(newest.from);
}

function sealAgain(cluster: LintCluster): string {
  const file = fileOf(cluster);
  return `seal the values again with the certificate of "${visible(cluster.name)}"${file === undefined ? '' : ` (--cert ${file})`}`;
}

function reEncryptOrSeal(file: string): string {
  return (
    `if the key is an older one of this cluster, run "kubeseal re-encrypt FILE", or add its certificate at the end of ${file}; ` +
    'otherwise seal the values again'
  );
}
