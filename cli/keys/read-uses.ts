import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import type { RecordedKey } from '../../shared/key-record/record.ts';
import type { Api } from '../../shared/kubernetes/api/api.ts';
import type { CliContext } from '../context.ts';
import type { TreeOptions } from '../flags/options.ts';
import { KeyEvidence } from './evidence.ts';
import { isNotAllowed } from './rights.ts';
import { clusterObjects, fileObjects, type SealedObject } from './sealed-objects.ts';

/** The SealedSecrets of the cluster and of files; undefined where nobody looked. */
export interface KeyUses {
  readonly cluster: readonly SealedObject[] | undefined;
  readonly files: readonly SealedObject[] | undefined;
}

/** Where to look for SealedSecrets. */
export interface UsesOptions {
  readonly keys: readonly RecordedKey[];
  /** Whether to read the cluster: `try` goes on without the right to. */
  readonly cluster: 'skip' | 'try' | 'require';
  /** Undefined for no files. */
  readonly tree: TreeOptions | undefined;
}

/**
 * Finds the SealedSecrets and the keys that they were sealed with. Malformed ones in the cluster are named on stderr:
 * no key opens them. Throws `NotAllowed` if the cluster is required, and `SeveralFailures` for files.
 */
export async function readUses(
  api: Api,
  { keys, cluster, tree }: UsesOptions,
  context: CliContext,
): Promise<KeyUses> {
  const evidence = new KeyEvidence(keys);
  const found = cluster === 'skip' ? undefined : await inCluster(api, { evidence, cluster }, context);
  const files = tree && (await fileObjects(tree, { evidence, cluster: found ?? [] }, context));
  return { cluster: found, files };
}

async function inCluster(
  api: Api,
  { evidence, cluster }: { readonly evidence: KeyEvidence; readonly cluster: 'try' | 'require' },
  context: CliContext,
): Promise<readonly SealedObject[] | undefined> {
  try {
    const { objects, failures } = await clusterObjects(api, evidence);
    for (const failure of failures) context.warn(`warning: malformed: ${failure.describe()}`);
    return objects;
  } catch (error) {
    if (cluster === 'require' || !isNotAllowed(error)) throw error;
    context.warn(`(${error.failure.describe()})`);
    return undefined;
  }
}

/** Returns the objects that need a key, or may need it: nothing tells otherwise. Those of the cluster come first. */
export function neededBy({ cluster = [], files = [] }: KeyUses, key: Fingerprint): readonly SealedObject[] {
  return [...cluster, ...files].filter(({ evidence }) => evidence.keys.includes(key));
}
