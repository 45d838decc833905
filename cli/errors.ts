import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../shared/errors.ts';
import type { KubernetesFailure } from '../shared/kubernetes/errors.ts';
import type { ManifestFailure } from '../shared/manifest/errors.ts';
import type { SealFailure } from '../shared/seal/errors.ts';
import type { Scope } from '../shared/seal/scope.ts';
import { describeItems, type ItemProblem } from '../shared/seal/item-problem.ts';
import { joined, MAX_DESCRIBED, visible } from '../shared/text.ts';

/** Why a Secret in the cluster does not tell the value of an item. */
const LIVE_REASONS = {
  differs: 'the SealedSecret in the cluster has another ciphertext for it',
  pending: 'the controller has not applied the SealedSecret in the cluster',
  templated: 'spec.template.data has an entry of this name',
  absent: 'the Secret in the cluster does not have it',
} as const;

/** Why a Secret in the cluster does not tell the value of an item. */
export type LiveReason = keyof typeof LIVE_REASONS;

/** The messages about the command line and what it asks for, by code. */
const WORDING = {
  Usage: (f: { problem: string }) => f.problem,
  NoneOfKind: (f: { at: string; kinds: readonly string[]; wanted: string }) => {
    const found = f.kinds.length === 1 ? `a ${joined(f.kinds)}` : joined(f.kinds);
    const remedy = f.kinds.includes('Secret') ? ': seal it into another file first, with -f and -w' : '';
    return `${f.at} holds ${found}, not a ${f.wanted}${remedy}`;
  },
  SeveralSealed: (f: { at: string; names: readonly string[] }) =>
    `${f.at} holds ${f.names.length} SealedSecrets: ${joined(f.names)}: choose one with --document or --name`,
  NoSuchSealed: (f: { at: string; names: readonly string[] }) =>
    `${f.at} does not hold the SealedSecret of --document, --name and -n; it holds ${joined(f.names)}`,
  NotParsed: (f: { problem: string }) => `${f.problem}; if it is a template, skip it with --exclude`,
  NotLinted: (f: { problem: string }) =>
    `${f.problem}; it seems to hold a Secret, and was not checked: mend it, or skip it with --exclude`,
  TooLargeToLint: (f: { problem: string }) => `${f.problem}; skip it with --exclude`,
  NothingToLint: (f: { at: string }) =>
    `${f.at} is empty, and nothing was checked: did the command before it fail?`,
  FileChanged: (f: { at: string; work: 're-encrypted' | 'mended' }) =>
    `${f.at} changed while it was ${f.work}; it is left as it is now`,
  NotNewest: (f: { count: number; fingerprint: string }) =>
    `${f.count} ${f.count === 1 ? 'SealedSecret is' : 'SealedSecrets are'} not known to be sealed with the newest key, ` +
    `${f.fingerprint}; run the same command without --check`,
  NoSuchItem: (f: { at: string; item: string; similar: string | undefined }) =>
    `${f.at} has no item "${visible(f.item)}"${f.similar === undefined ? '' : ` (Did you mean "${visible(f.similar)}"?)`}`,
  NotLive: (f: { kind: string; namespace: string; name: string }) =>
    `--from-cluster: the cluster has no ${f.kind} ${f.namespace}/${f.name}: apply the file, or use --recovery-private-key`,
  LiveRefused: (f: { kind: string; namespace: string; name: string; status: number; reason: string }) =>
    `--from-cluster: cannot read the ${f.kind} ${f.namespace}/${f.name}: ${`${f.status} ${f.reason}`.trimEnd()}` +
    (f.status === 403 ? '; you need the right to get secrets and sealedsecrets in this namespace' : ''),
  NotItsSecret: (f: { namespace: string; name: string }) =>
    `--from-cluster: the Secret ${f.namespace}/${f.name} in the cluster does not belong to the SealedSecret and lacks ` +
    `its items`,
  UnknownLive: (f: { at: string; item: string; reason: LiveReason }) =>
    `${f.at}: --from-cluster does not tell the value of "${f.item}": ${LIVE_REASONS[f.reason]}`,
  NotAVariable: (f: { at: string; items: readonly string[] }) =>
    `${f.at}: no shell variable can have the name ${joined(f.items.map((item) => `"${item}"`))}; use -o yaml or json`,
  NotText: (f: { at: string; item: string }) =>
    `${f.at}: the value of "${f.item}" is not text; write it to a file with -o raw, or use -o yaml or json`,
  NoMemoryFolder: (f: { tried: readonly string[]; disk: string }) =>
    `no folder keeps files in memory (tried ${joined(f.tried)}): --allow-disk puts the values into ${f.disk} while the ` +
    `editor is open`,
  NoFolder: (f: { disk: string; reason: string }) => `cannot make a folder in ${f.disk}: ${f.reason}`,
  NoEditor: () => 'no editor: set $VISUAL or $EDITOR',
  EditorMissing: (f: { editor: string }) =>
    `cannot run the editor "${f.editor}": nothing was changed; set $VISUAL or $EDITOR`,
  EditorFailed: (f: { editor: string; how: string }) =>
    `the editor "${f.editor}" ended with ${f.how}: nothing was changed`,
  BadBuffer: (f: { at: string; problem: string; line: number; column: number }) =>
    `${f.at} is not changed: line ${f.line}, column ${f.column} of the buffer: ${f.problem}`,
  ChangedMeanwhile: (f: { at: string }) => `${f.at} changed while the editor was open: it is not overwritten`,
  ChangedSinceRead: (f: { at: string }) =>
    `${f.at} changed after kubeseal had read it: no file was written; run the same command again`,
  NotRestored: (f: { at: string; reason: string; backup: string }) =>
    `${f.at} has its new content, although another file could not be written, since it cannot be restored: ` +
    `${f.reason}; its old content is in ${f.backup}`,
  NotRemoved: (f: { at: string; reason: string }) =>
    `${f.at} was created, although another file could not be written, and cannot be removed: ${f.reason}`,
  NoContext: (f: { at: string; cluster: string; why: string; instead: string }) =>
    `${f.at} gives the cluster ${f.cluster} no context, and ${f.why} needs one: add it, or use ${f.instead}`,
  SameFile: (f: { file: string; clusters: readonly string[] }) =>
    `--split leads to the same file for the clusters ${f.clusters.join(' and ')}: ${f.file}`,
  NotAFile: (f: { at: string }) => `--split: ${f.at} is a pipe or a device: each cluster needs a file`,
  NoSuchFolders: (f: { folders: readonly string[] }) =>
    `--split: there is no folder ${joined(f.folders)}: make it first, or correct the pattern`,
  NothingToUpdate: (f: { at: string }) =>
    `${f.at} names no cluster with both a certificate file and a context: nothing can be updated or checked`,
  SameCertificateFile: (f: { at: string; clusters: readonly string[] }) =>
    `${f.at} names the same certificate file for the clusters ${f.clusters.join(' and ')}: give each its own`,
  ExpiredInCluster: (f: { problem: string }) => f.problem,
  InCluster: (f: { cluster: string; problem: string }) => `for the cluster ${f.cluster}: ${f.problem}`,
  FileExists: (f: { path: string }) =>
    `${f.path} exists: change its items with kubeseal set, or replace it with --force`,
  ScopeTooWide: (f: { at: string; scope: Scope; maxScope: Scope; file: string }) =>
    `${f.at} has the scope ${f.scope}, and ${f.file} allows none wider than ${f.maxScope}: seal all of its values ` +
    `with the scope ${f.maxScope}, or change maxScope there`,
  NoGit: () => 'git is not installed, or not on PATH: --git needs it',
  NotARepository: (f: { file: string; reason: string }) =>
    `${f.file} is not in a Git repository: ${f.reason}`,
  NoSuchRevision: (f: { file: string; revision: string; reason: string }) =>
    `the repository of ${f.file} has no revision "${f.revision}": ${f.reason}`,
  NotInRevision: (f: { file: string; revision: string }) =>
    `${f.file} does not exist in the revision "${f.revision}"`,
  NoKustomize: () => 'neither kustomize nor kubectl is on PATH: --kustomize needs one of them',
  KustomizeFailed: (f: { folder: string; command: string; reason: string }) =>
    `${f.folder}: ${f.command} failed (${f.reason}); run it there to see its errors`,
  TooManyReached: (f: { at: string }) =>
    `the kustomizations in ${f.at} use too many files: what they make of names is not checked`,
  NamespaceMismatch: (f: { at: string; own: string; specified: string }) =>
    `namespace mismatch: input secret is in namespace "${f.own}" but "${f.specified}" was specified (${f.at})`,
  NoMergeTarget: (f: { at: string; count: number; name: string }) =>
    `${f.at} holds ${f.count} SealedSecrets; give the Secret the name of one of them (it is "${f.name}")`,
  MergeNamespace: (f: { at: string; own: string; specified: string }) =>
    `namespace mismatch: ${f.at} is sealed for the namespace "${f.own}" but "${f.specified}" was specified`,
  MergeName: (f: { at: string; own: string; specified: string }) =>
    `name mismatch: ${f.at} is sealed for the name "${f.own}" but "${f.specified}" was specified`,
  MergeMismatch: (f: {
    at: string;
    file: readonly string[];
    input: readonly string[];
    flags: readonly string[];
  }) =>
    `${f.at} has ${f.file.join(', ')}, but the input has ${f.input.join(', ')}: ` +
    `nothing was sealed; if the file is right, confirm with ${f.flags.join(' ')}`,
  MergeScope: (f: { at: string; own: string; specified: string }) =>
    `${f.at} has the scope ${f.own}, which --scope ${f.specified} cannot change: its other items would no longer unseal`,
  OldCertificate: (f: {
    at: string;
    fingerprint: string;
    from: string;
    newest: string;
    newestFrom: string;
    secret: string;
  }) =>
    `${f.at} is not the certificate of the newest key: it has ${f.fingerprint}, valid from ${f.from}, but the files of ` +
    `--recovery-private-key hold ${f.newest}, valid from ${f.newestFrom}${f.secret === '' ? '' : ` (Secret ${f.secret})`}: ` +
    `nothing was re-encrypted; use the newest certificate, or confirm this one with --allow-old-certificate`,
  RetiredCertificate: (f: { at: string; fingerprint: string; from: string; label: string }) =>
    `${f.at} is the certificate of a retired key: the Secret of ${f.fingerprint}, valid from ${f.from}, is ` +
    `labelled "${f.label}" in the files of --recovery-private-key: nothing was re-encrypted; use the newest ` +
    `certificate, or confirm this one with --allow-old-certificate`,
  WrongFingerprint: (f: { at: string; found: string; wanted: string }) =>
    `${f.at} has the fingerprint ${f.found}, not ${f.wanted} as --cert-fingerprint requires; do not seal with it`,
  UnsealDocument: (f: { at: string; problems: readonly ItemProblem[] }, max: number) => {
    const place = ` [${f.at}]`;
    return `${describeItems(f.problems, max - place.length, '; ')}${place}`;
  },
  NotVerified: (f: { at: string; name: string; problems: readonly ItemProblem[] }, max: number) => {
    const words = `unable to decrypt sealed secret: ${f.name} [${f.at}]`;
    // The reference gives no reasons, and neither does a controller that does not watch the namespace.
    if (f.problems.length === 0)
      return `${words}: the controller does not say why; it may not handle this namespace`;
    return `${words}: ${describeItems(f.problems, max - words.length - 2, '; ')}`;
  },
  VerifyRefused: (f: { at: string; name: string; reason: string }) =>
    `cannot validate sealed secret: ${f.name} [${f.at}]: ${f.reason}`,
  RotateRefused: (f: { at: string; name: string; reason: string }) =>
    `cannot re-encrypt sealed secret: ${f.name} [${f.at}]: ${f.reason}`,
  NotAllowed: (f: { verb: string; resource: string; namespace: string | undefined }) => {
    const [where, role] =
      f.namespace === undefined
        ? ['in all namespaces', 'ClusterRole']
        : [`in the namespace ${visible(f.namespace)}`, 'Role'];
    return (
      `you are not allowed to ${f.verb} ${f.resource} ${where}: it takes a ${role} with the verb "${f.verb}" ` +
      `for ${f.resource}`
    );
  },
  NoSuchService: (f: { namespace: string; name: string; others: readonly string[] }) =>
    `cannot get sealed secret service: no Service "${f.name}" in namespace "${f.namespace}": ` +
    (f.others.length === 0
      ? `set --controller-name and --controller-namespace, or use --cert FILE`
      : `there is ${joined(f.others)} (NAMESPACE/NAME); set --controller-name and --controller-namespace`),
  // `status` is that of the answer; absent if none came.
  ServiceRefused: (f: { namespace: string; name: string; reason: string; status?: number }) =>
    `cannot get sealed secret service: ${f.namespace}/${f.name}: ${f.reason}`,
  CertificateRefused: (f: { namespace: string; name: string; reason: string; status?: number }) =>
    `cannot fetch certificate: ${f.namespace}/${f.name}: ${f.reason}`,
  NoRecordEither: (f: { problem: string; record: string; reason: string }) =>
    `${f.problem}; the key record ${f.record} is not available either: ${f.reason}`,
  ControllerRefused: (f: { namespace: string; name: string; reason: string }) =>
    `cannot reach the controller: ${f.namespace}/${f.name}: ${f.reason}`,
} satisfies Wording;

/** A failure about the command line and what it asks for. */
export type CliFailure = Failure<DetailsIn<typeof WORDING>>;

/** Returns a failure about the command line and what it asks for. */
export function cliFailure(details: CliFailure['details']): CliFailure {
  return new Failure(details, WORDING);
}

/** Throws a failure about the command line and what it asks for, as `SealedSecretsError`. */
export function fail(details: CliFailure['details']): never {
  throw new SealedSecretsError(cliFailure(details));
}

/** Whether a failure is about the command line and what it asks for. */
export function isCliFailure(failure: Failure): failure is CliFailure {
  return failure.isOneOf(WORDING);
}

/** What to do about failures of shared/, which knows no flags, by code. */
const FLAG_HINTS: Readonly<Record<string, string>> = {
  NoName: 'set it, or use --name',
  NoItems: 'use --allow-empty-data to seal it anyway',
  NoNamespace: 'set it, or use --namespace',
  CannotEdit: 'write out in the file what the alias stands for, or seal a new file',
  NoCluster: 'use --cert FILE to seal without a cluster',
} satisfies Partial<Record<(SealFailure | ManifestFailure | KubernetesFailure)['code'], string>>;

/** Describes a failure for a user of the command line, in at most `max` UTF-16 units. */
export function describeForUser(failure: Failure, max = MAX_DESCRIBED): string {
  const hint = FLAG_HINTS[failure.code];
  const suffix = hint === undefined ? '' : `; ${hint}`;
  return failure.describe({ max: max - suffix.length }) + suffix;
}
