import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../../shared/errors.ts';
import { counted, joined, visible } from '../../shared/text.ts';
import type { SealedObject } from './sealed-objects.ts';
import { shownPlace } from './table.ts';

/** How an object needs a key, in words. */
const NEEDS = {
  proven: '',
  claimed: ', by its annotation',
  unknown: ', perhaps',
} as const;

/** The messages about sealing keys, by code. */
const WORDING = {
  NoSuchKey: (f: { key: string; similar: string | undefined; names: readonly string[] }) =>
    `there is no sealing key "${visible(f.key)}"` +
    (f.similar === undefined
      ? `: there is ${joined(f.names) || 'none at all'}`
      : `; did you mean ${visible(f.similar)}?`),
  SeveralClusters: () =>
    'the files belong to different clusters of .kubeseal.yaml: name the files of one of them, or choose the cluster with ' +
    '--context',
  SeveralKeys: (f: { key: string; names: readonly string[] }) =>
    `"${visible(f.key)}" begins the fingerprints of ${counted(f.names.length, 'key')}, ${joined(f.names)}: write more of it`,
  NewestKey: (f: { name: string }) =>
    `${visible(f.name)} is the newest key, with which everything is sealed now: make a newer one first, with kubeseal keys renew`,
  OldestForm: (f: { name: string }) =>
    `the controller uses the Secret ${visible(f.name)} whatever its label says, since it has the name of a key of the oldest ` +
    'releases: back it up, and delete the Secret',
  CompromisedKey: (f: { name: string }) =>
    `${visible(f.name)} is labelled as compromised, and stays so: who has it can open what it sealed`,
  KeyInUse: (f: { name: string; objects: readonly SealedObject[] }) =>
    `${visible(f.name)} is still needed by ${counted(f.objects.length, 'SealedSecret')}: ${joined(f.objects.map(needOf))}: ` +
    're-encrypt and apply them first, or retire the key all the same with --force',
  NotLabelled: (f: { name: string; count: number }) =>
    `${visible(f.name)} is not labelled yet, since ${counted(f.count, 'SealedSecret')} may need it: rotate their values and ` +
    'run the command again, or label it at once with --yes',
  KeyChanged: (f: { name: string }) =>
    `the Secret ${visible(f.name)} was changed by someone else at the same time: nothing was done; run the command again`,
  NoKeyRecord: (f: { namespace: string; record: string }) =>
    `the namespace ${visible(f.namespace)} has no key record ${f.record}, in which a new key is requested: send SIGUSR1 to the ` +
    'process of the controller instead, or restart it with --key-cutoff-time set to now',
  NoNewKey: (f: { record: string; wait: string }) =>
    `no new key appeared within ${f.wait}; the request stays in the ConfigMap ${f.record}, and counts when the controller ` +
    'is back: see its log, and whether the clock of this machine is right',
} satisfies Wording;

/** A failure about sealing keys. */
export type KeysFailure = Failure<DetailsIn<typeof WORDING>>;

/** Throws a failure about sealing keys, as `SealedSecretsError`. */
export function fail(details: KeysFailure['details']): never {
  throw new SealedSecretsError(new Failure(details, WORDING));
}

/** Returns which object needs a key, where it is, and how that is known. */
export function needOf(object: SealedObject): string {
  const { file, evidence } = object;
  return `${shownPlace(object)}${file === undefined ? '' : ` (${file})`}${NEEDS[evidence.grade]}`;
}
