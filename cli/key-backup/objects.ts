import { fullName } from '../../shared/api/metadata.ts';
import type { Place } from '../../shared/api/place.ts';
import type { SealedSecret, StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import { isFingerprint, type Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { NEVER } from '../../shared/clock.ts';
import { Failure, SealedSecretsError } from '../../shared/errors.ts';
import type { Api, Listed } from '../../shared/kubernetes/api/api.ts';
import { SEALED_SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import { hintOf } from '../../shared/seal/hint.ts';
import { forgetAll, openItems, type Decrypter } from '../../shared/seal/open-items.ts';
import { labelFor, scopeOf } from '../../shared/seal/scope.ts';
import { envelopesOf } from '../../shared/seal/unseal.ts';
import type { CliContext } from '../context.ts';
import type { TreeOptions } from '../flags/options.ts';
import { inParallel } from '../in-parallel.ts';
import { forEach } from '../for-each.ts';
import { Progress } from '../io/progress.ts';
import { allowed } from '../keys/rights.ts';
import { overTree, prepareNothing } from '../tree/run.ts';
import { fail } from './errors.ts';

/** How many SealedSecrets the keys of a backup open, and which they do not open. */
export interface OpenedObjects {
  readonly total: number;
  readonly opened: number;
  readonly failures: readonly Failure[];
}

/** The keys of a backup, and how to use them. */
export interface BackupKeys {
  /** The file with the backup, for messages. */
  readonly at: string;
  readonly decrypter: Decrypter;
  /** With how many SealedSecrets to work at once. */
  readonly limit: number;
}

/** Tries the keys on every item of every SealedSecret of the cluster. Throws `NotAllowed`. */
export async function openClusterObjects(
  api: Api,
  { at, decrypter, limit }: BackupKeys,
  context: CliContext,
): Promise<OpenedObjects> {
  const objects: Listed<StoredSealedSecret>[] = [];
  await allowed({ verb: 'list', resource: 'sealedsecrets.bitnami.com', namespace: undefined }, () =>
    api.list(SEALED_SECRETS, {}, (item) => void objects.push(item)),
  );
  const progress = new Progress('opened', objects.length, { unit: 'SealedSecrets', clock: context.clock });
  const failures = await inParallel(objects, limit, async (item) => {
    try {
      if (!item.ok) throw new SealedSecretsError(item.failure);
      await openStored(item.object, at, decrypter);
    } finally {
      progress.step();
    }
  });
  progress.end();
  return { total: objects.length, opened: objects.length - failures.length, failures };
}

async function openStored(
  { metadata, sealed, status }: StoredSealedSecret,
  at: string,
  decrypter: Decrypter,
): Promise<void> {
  if (sealed instanceof Failure) throw new SealedSecretsError(sealed);
  const object = fullName(metadata);
  const isSynced = status.conditions.find(({ type }) => type === 'Synced')?.status;
  const known = isSynced === 'False' ? '; its Synced condition is False in the cluster, too' : '';
  // The controller says which keys opened it, and each other key that is tried takes time.
  const likely = (status.applied?.keys ?? []).filter(isFingerprint);
  const place = { source: `SealedSecret ${object}` };
  await open(sealed, { place, at, object, known, likely, decrypter });
}

/** Tries the keys on every item of the SealedSecrets in files and folders. */
export async function openFiles(
  tree: TreeOptions,
  { at, decrypter, limit }: BackupKeys,
  context: CliContext,
): Promise<OpenedObjects> {
  const progress = new Progress('opened', 0, { unit: 'files', clock: context.clock });
  const { sealed, failed, failures } = await overTree(
    tree,
    {
      limit,
      progress,
      prepare: prepareNothing,
      work: async ({ sealed: all }) => {
        await forEach(all, ({ sealed, document: { place } }) => {
          const object = `${fullName(sealed.metadata)} in ${place.source}`;
          return open(sealed, { place, at, object, known: '', likely: [], decrypter });
        });
      },
    },
    context,
  );
  return { total: sealed, opened: sealed - failed, failures };
}

interface OpenOptions {
  readonly place: Place;
  readonly at: string;
  /** The SealedSecret, for messages. */
  readonly object: string;
  /** What is known about why it does not open; empty if nothing is. */
  readonly known: string;
  /** The keys to try first. */
  readonly likely: readonly Fingerprint[];
  readonly decrypter: Decrypter;
}

/** Opens every item and forgets the values. Throws `NotOpened`, and what `labelFor` throws. */
async function open(
  sealed: SealedSecret,
  { place, at, object, known, likely, decrypter }: OpenOptions,
): Promise<void> {
  const { annotations } = sealed.metadata;
  const label = labelFor(scopeOf(annotations), sealed.metadata, place);
  const encrypted = envelopesOf(sealed) ?? new Map<string, string | null>();
  const hint = [...likely, ...hintOf(annotations)];
  const opened = await openItems(encrypted, { label, hint, decrypter, signal: NEVER });
  forgetAll(opened);
  // The one item of the deprecated form has no name.
  const items = opened.problems.map(({ item }) => item || 'spec.data');
  if (items.length > 0) fail({ code: 'NotOpened', at, object, items, known });
}
