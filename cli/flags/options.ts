import type { Overrides } from '../../shared/kubernetes/auth/kubeconfig/types.ts';
import type { Format } from '../../shared/manifest/write.ts';
import { SCOPES, type Scope } from '../../shared/seal/scope.ts';
import type { FlagName } from './definitions.ts';
import type { ParsedFlags } from './parsed-flags.ts';

/**
 * Options that several commands share, and how they are read from the flags. Absent flags are undefined. The options of
 * one command alone are in its file under `commands/`.
 */

/** Where to read the input. */
export interface InputOptions {
  /** Undefined for stdin. */
  readonly secretFile: string | undefined;
}

/** Where to write text. */
export interface OutputOptions {
  /** Undefined for stdout. */
  readonly sealedSecretFile: string | undefined;
}

/** Where and how to write objects. */
export interface FormattedOutputOptions extends OutputOptions {
  readonly format: Format | undefined;
}

/** How to reach the API server and the controller. */
export interface ControllerOptions {
  readonly controllerName: string;
  readonly controllerNamespace: string;
  /** Whether the command line has the two: they precede those of `.kubeseal.yaml`. */
  readonly typesName: boolean;
  readonly typesNamespace: boolean;
  /** Overrides of the kubeconfig: the API server and the user. */
  readonly cluster: Overrides;
}

/** What to take from `.kubeseal.yaml`. */
export interface ConfigOptions {
  /** The text of `--config`: a file, or `none`; undefined to search. */
  readonly config: string | undefined;
  /** Whether flags choose the certificate or the cluster, so that `.kubeseal.yaml` does not. */
  readonly choosesCluster: boolean;
  /** What `.kubeseal.yaml` says about scopes; undefined until it has been read, and without one. */
  readonly scopes: ScopeRules | undefined;
}

/** What `.kubeseal.yaml` says about scopes. */
export interface ScopeRules {
  /** The file, for messages. */
  readonly file: string;
  /** The scope of what has no annotation and no flag for it; undefined: strict. */
  readonly scope: Scope | undefined;
  /** The widest scope that is allowed; undefined: any. */
  readonly maxScope: Scope | undefined;
}

/** Which certificate to use. */
export interface CertificateOptions extends ControllerOptions, ConfigOptions {
  readonly cert: string | undefined;
  readonly certFingerprint: string | undefined;
  /** Whether to warn if no backup with the cluster's key has been verified. */
  readonly warnUnverifiedBackup: boolean;
  /** The verbosity of klog's `-v`; 0 by default. */
  readonly verbosity: number;
}

/** The name and namespace of the SealedSecret. */
export interface NameOptions {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
}

/** Which SealedSecret of a file a command is about. Not needed if the file has only one. */
export interface SelectionOptions extends NameOptions {
  /** The number of the document, from 1. */
  readonly document: number | undefined;
}

/** What to seal for, and how. */
export interface SealingOptions extends CertificateOptions, NameOptions {
  readonly scope: Scope | undefined;
  /** Whether to add an annotation with the key's fingerprint. */
  readonly keyHint: boolean;
}

/** How to seal the Secrets of the input and where to write the result. */
export interface SecretSealingOptions extends InputOptions, FormattedOutputOptions, SealingOptions {
  readonly allowEmptyData: boolean;
  /** Whether to write a sealing record; undefined to keep up one that is there. */
  readonly record: boolean | undefined;
  /** Whether to tell what would change, and write nothing. */
  readonly dryRun: boolean;
}

/** The files with private keys. */
export interface KeyOptions {
  readonly recoveryPrivateKeys: readonly string[];
}

/** Where to learn the values of sealed items: from private keys or from the cluster. */
export interface KnownValueOptions extends KeyOptions, Pick<ControllerOptions, 'cluster'> {
  /** Whether to read the Secret in the cluster. */
  readonly fromCluster: boolean;
}

/** Which files to work on, of those that are named and those in folders. */
export interface TreeOptions {
  /** Files and folders; at least one. */
  readonly paths: readonly string[];
  /** With patterns, only files that fit, or that are in a folder that fits. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** For how many files to work at once. */
  readonly concurrency: number | undefined;
}

/** Reads `InputOptions`. */
export function inputOptions(flags: ParsedFlags): InputOptions {
  return { secretFile: fileOf(flags.text('secret-file')) };
}

/** Reads `OutputOptions`. */
export function outputOptions(flags: ParsedFlags): OutputOptions {
  return { sealedSecretFile: fileOf(flags.text('sealed-secret-file')) };
}

/** Reads `FormattedOutputOptions`. */
export function formattedOutputOptions(flags: ParsedFlags): FormattedOutputOptions {
  return { ...outputOptions(flags), format: formatOption(flags) };
}

/** Reads the format of `-o`. */
export function formatOption(flags: ParsedFlags): Format | undefined {
  return oneOf(['json', 'yaml'], flags.text('format'));
}

/** Reads `ControllerOptions`. */
export function controllerOptions(flags: ParsedFlags): ControllerOptions {
  return {
    controllerName: flags.text('controller-name') ?? '',
    controllerNamespace: flags.text('controller-namespace') ?? '',
    typesName: flags.typed('controller-name'),
    typesNamespace: flags.typed('controller-namespace'),
    cluster: overridesOf(flags),
  };
}

/** Flags of the command line that choose the cluster. `--kubeconfig` says where contexts are, and not which one. */
const CLUSTER_FLAGS = ['context', 'server', 'cluster'] as const satisfies readonly FlagName[];

/** Reads `ConfigOptions` of a command that uses no certificate. */
export function configOptions(flags: ParsedFlags): ConfigOptions {
  return { config: flags.text('config'), choosesCluster: typesCluster(flags), scopes: undefined };
}

/**
 * Whether flags choose the certificate or the cluster. A certificate of the environment chooses no cluster.
 *
 * @param isServerOther whether `--server` is about something else
 */
export function choosesCluster(flags: ParsedFlags, { isServerOther = false } = {}): boolean {
  return flags.typed('cert') || typesCluster(flags, { isServerOther });
}

function typesCluster(flags: ParsedFlags, { isServerOther = false } = {}): boolean {
  return CLUSTER_FLAGS.some((name) => flags.typed(name) && !(isServerOther && name === 'server'));
}

/** Reads `CertificateOptions`. */
export function certificateOptions(flags: ParsedFlags): CertificateOptions {
  return {
    ...controllerOptions(flags),
    ...configOptions(flags),
    choosesCluster: choosesCluster(flags),
    cert: flags.text('cert'),
    certFingerprint: flags.text('cert-fingerprint'),
    warnUnverifiedBackup: flags.on('warn-unverified-backup'),
    verbosity: Number.parseInt(flags.text('v') ?? '0', 10) || 0,
  };
}

/** Reads `NameOptions`. */
export function nameOptions(flags: ParsedFlags): NameOptions {
  return { name: flags.text('name'), namespace: flags.text('namespace') };
}

/** Reads `SealingOptions`. */
export function sealingOptions(flags: ParsedFlags): SealingOptions {
  return {
    ...certificateOptions(flags),
    ...nameOptions(flags),
    scope: scopeOption(flags),
    keyHint: flags.on('key-hint'),
  };
}

/** Reads `--scope`. */
export function scopeOption(flags: ParsedFlags): Scope | undefined {
  return oneOf(SCOPES, flags.text('scope'));
}

/**
 * Returns overrides of the kubeconfig in which `--server`, `--username` and `--password` are those of the environment:
 * on this command line they are about something else.
 */
export function withoutTypedServer(flags: ParsedFlags, overrides: Overrides): Overrides {
  return {
    ...overrides,
    server: flags.environmentText('server'),
    username: flags.environmentText('username'),
    password: flags.environmentText('password'),
  };
}

/** Reads `SecretSealingOptions`. */
export function secretSealingOptions(flags: ParsedFlags): SecretSealingOptions {
  return {
    ...inputOptions(flags),
    ...formattedOutputOptions(flags),
    ...sealingOptions(flags),
    allowEmptyData: flags.on('allow-empty-data'),
    record: flags.switchOf('record'),
    dryRun: flags.on('dry-run'),
  };
}

/** Reads `KeyOptions`. */
export function keyOptions(flags: ParsedFlags): KeyOptions {
  return { recoveryPrivateKeys: [...flags.list('recovery-private-key'), ...flags.list('private-key')] };
}

/** Reads `SelectionOptions`. */
export function selectionOptions(flags: ParsedFlags): SelectionOptions {
  const number = flags.text('document');
  return { ...nameOptions(flags), document: number === undefined ? undefined : Number(number) };
}

/** Reads `KnownValueOptions`. Of keys and cluster, the one on the command line precedes one from the environment. */
export function knownValueOptions(flags: ParsedFlags): KnownValueOptions {
  const keys = keyOptions(flags);
  const typesKeys = flags.typed('recovery-private-key') || flags.typed('private-key');
  const typesCluster = flags.typed('from-cluster');
  return {
    recoveryPrivateKeys:
      typesCluster && !typesKeys && flags.on('from-cluster') ? [] : keys.recoveryPrivateKeys,
    fromCluster: flags.on('from-cluster') && (typesCluster || !typesKeys),
    cluster: overridesOf(flags),
  };
}

/** Reads `TreeOptions`. Undefined if no files or folders follow the command. */
export function treeOptions(flags: ParsedFlags): TreeOptions | undefined {
  const concurrency = flags.text('concurrency');
  const tree = {
    paths: wordsOf(flags),
    include: flags.list('include'),
    exclude: flags.list('exclude'),
    concurrency: concurrency === undefined ? undefined : Number(concurrency),
  };
  return tree.paths.length === 0 ? undefined : tree;
}

/** Returns the words of the command that the first argument names. Without such a command, words are ignored. */
export function wordsOf({ command, words }: ParsedFlags): readonly string[] {
  return command === undefined ? [] : words;
}

/** Reads the flags that override the kubeconfig. */
export function overridesOf(flags: ParsedFlags): Overrides {
  return {
    kubeconfig: flags.text('kubeconfig'),
    context: flags.text('context'),
    cluster: flags.text('cluster'),
    user: flags.text('user'),
    server: flags.text('server'),
    token: flags.text('token'),
    as: flags.text('as'),
    asUid: flags.text('as-uid'),
    asGroup: flags.list('as-group'),
    certificateAuthority: flags.text('certificate-authority'),
    clientCertificate: flags.text('client-certificate'),
    clientKey: flags.text('client-key'),
    insecureSkipTlsVerify: flags.on('insecure-skip-tls-verify'),
    tlsServerName: flags.text('tls-server-name'),
    proxyUrl: flags.text('proxy-url'),
    requestTimeout: flags.text('request-timeout'),
    disableCompression: flags.on('disable-compression'),
    username: flags.text('username'),
    password: flags.text('password'),
  };
}

/** Returns undefined for `-`, which is stdin or stdout. */
export function fileOf(path: string | undefined): string | undefined {
  return path === '-' ? undefined : path;
}

function oneOf<T extends string>(values: readonly T[], text: string | undefined): T | undefined {
  return values.find((value) => value === text);
}
