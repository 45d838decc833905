import { Failure } from '../../shared/errors.ts';
import type { Api, Ref } from '../../shared/kubernetes/api/api.ts';
import { SEALED_SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import type { CliContext } from '../context.ts';
import type { TreeOptions } from '../flags/options.ts';
import { SeveralFailures } from '../for-each.ts';
import { Progress } from '../io/progress.ts';
import { treeLimit } from '../tree/limit.ts';
import { overTree, prepareNothing } from '../tree/run.ts';
import { digestOfAll, type Evidence, type KeyEvidence } from './evidence.ts';
import { allowed } from './rights.ts';

/** A SealedSecret and the keys that it was sealed with, as far as they are known. */
export interface SealedObject extends Ref {
  /** The file that it is in; undefined in the cluster. */
  readonly file: string | undefined;
  readonly evidence: Evidence;
  /** A digest of the ciphertexts. */
  readonly digest: string;
}

/** Objects of the cluster, and those that cannot be read. */
export interface ClusterObjects {
  readonly objects: readonly SealedObject[];
  readonly failures: readonly Failure[];
}

/**
 * Lists all SealedSecrets of the cluster in pages, and keeps only what the keys are about. Throws `NotAllowed`, and as
 * `Api.list`.
 */
export async function clusterObjects(api: Api, evidence: KeyEvidence): Promise<ClusterObjects> {
  const objects: SealedObject[] = [];
  const failures: Failure[] = [];
  const right = { verb: 'list', resource: 'sealedsecrets.bitnami.com', namespace: undefined } as const;
  await allowed(right, () =>
    api.list(SEALED_SECRETS, {}, (item) => {
      if (!item.ok) return void failures.push(item.failure);
      const { metadata, sealed } = item.object;
      if (sealed instanceof Failure) return void failures.push(sealed);
      const { name, namespace } = metadata;
      const found = evidence.ofStored(item.object, sealed);
      objects.push({ name, namespace, file: undefined, evidence: found, digest: digestOfAll(sealed) });
    }),
  );
  return { objects, failures };
}

/**
 * Finds the SealedSecrets of files and folders. What the controller opened in the cluster is proven in a file with the
 * same ciphertexts, too. Throws `SeveralFailures` if a file cannot be read.
 */
export async function fileObjects(
  tree: TreeOptions,
  { evidence, cluster }: { readonly evidence: KeyEvidence; readonly cluster: readonly SealedObject[] },
  context: CliContext,
): Promise<readonly SealedObject[]> {
  const proven = new Map(
    cluster.flatMap(({ digest, evidence: { grade, keys } }) =>
      grade === 'proven' ? [[digest, { grade, keys }] as const] : [],
    ),
  );
  const objects: SealedObject[] = [];
  const progress = new Progress('read', 0, { unit: 'files', clock: context.clock });
  const { limit } = treeLimit(tree, 'offline');
  const { failures } = await overTree(
    tree,
    {
      limit,
      progress,
      prepare: prepareNothing,
      work: ({ file, sealed: all }) => {
        for (const { sealed } of all) {
          const { name, namespace } = sealed.metadata;
          const digest = digestOfAll(sealed);
          objects.push({
            name,
            namespace,
            file,
            evidence: proven.get(digest) ?? evidence.of(sealed),
            digest,
          });
        }
        return Promise.resolve();
      },
    },
    context,
  );
  if (failures.length > 0) throw new SeveralFailures(failures);
  return objects.sort((a, b) => compare(a, b));
}

/** Orders objects by namespace, name and file. */
function compare(a: SealedObject, b: SealedObject): number {
  const text = ({ namespace, name, file = '' }: SealedObject): string => `${namespace}\0${name}\0${file}`;
  return text(a) < text(b) ? -1 : 1;
}
