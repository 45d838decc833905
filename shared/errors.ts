import { joined, MAX_DESCRIBED, shortened, visible, withRest } from './text.ts';

/**
 * Failures are data with a code. This file turns them into messages for the terminal and for the `Synced` condition. No
 * message may take a value, a key or a token: only names, places and numbers. `describe` bounds the length of a
 * message, however much the failure holds.
 */

/** The messages of one room's failures by code. `max` is the longest message, in UTF-16 units. */
export type Wording = Readonly<Record<string, (fields: never, max: number) => string>>;

/** The details of the failures that a wording covers: a union of `{ code, …fields }`. */
export type DetailsIn<W extends Wording> = {
  [C in keyof W & string]: { readonly code: C } & Readonly<FieldsOf<W[C]>>;
}[keyof W & string];

type FieldsOf<F extends Wording[string]> = Parameters<F> extends [infer T, ...unknown[]] ? T : object;

/** What went wrong, as data, and how its room words it. */
export class Failure<D extends { readonly code: string } = { readonly code: string }> {
  /** The code, and the names, places and numbers in the message. Never a value, a key or a token. */
  readonly details: D;
  readonly #wording: Wording;

  /** @param wording has an entry for each code of `D` */
  constructor(details: D, wording: Readonly<Record<D['code'], Wording[string]>>) {
    this.details = details;
    this.#wording = wording;
  }

  /** The code, which logs show. */
  get code(): D['code'] {
    return this.details.code;
  }

  /**
   * Returns the message, without prefix. It has several lines only for several distinct problems. The message is at most
   * `max` UTF-16 units long and never built longer: the rest is counted ("and 7 more") or cut.
   */
  describe({ max = MAX_DESCRIBED }: { readonly max?: number } = {}): string {
    // The constructor checks that the wording fits the details; TypeScript does not keep track of that.
    const words = this.#wording[this.code] as (fields: object, max: number) => string;
    const fields = Object.entries(this.details).map(([field, value]): [string, unknown] => [
      field,
      shown(value),
    ]);
    return shortened(words(Object.fromEntries(fields), max), max);
  }

  /** Whether the failure is worded by `wording`, so that its details are among those that `wording` covers. */
  isOneOf<W extends Wording>(wording: W): this is Failure<DetailsIn<W>> {
    return this.#wording === wording;
  }
}

/** A thrown failure. `message` is its description. */
export class SealedSecretsError extends Error {
  override readonly name = 'SealedSecretsError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.describe());
    this.failure = failure;
  }
}

/** The problem of one item of a SealedSecret, without details that help an attacker. */
export type ItemProblem =
  | { readonly code: 'NoKey'; readonly item: string; readonly known?: KnownKeys }
  | { readonly code: 'NotTried'; readonly item: string; readonly failed: number }
  | WrongScope
  | WrongPlace
  | { readonly code: 'NoEnvelope'; readonly item: string }
  | { readonly code: 'NotAString'; readonly item: string }
  | { readonly code: 'IllegalBase64'; readonly item: string; readonly offset: number }
  | {
      readonly code: 'Template';
      readonly item: string;
      readonly told: string;
    }
  /** Templates that were skipped because too many others failed. `item` is empty. */
  | {
      readonly code: 'TemplatesSkipped';
      readonly item: string;
      readonly failed: number;
      readonly skipped: number;
    };

/** The keys that were tried on an item that does not open. */
export interface KnownKeys {
  readonly keys: number;
  /** How many keys are labelled as compromised. They are never tried, so this is the same for every item. */
  readonly compromised?: number;
  /** The fingerprints of the first few keys. */
  readonly fingerprints: readonly string[];
  /** The fingerprints in the object's `sealing-key` annotation, which proves nothing. */
  readonly hint: readonly string[];
  /** The object's scope, which determines the edits that a user may have to revert. */
  readonly editedScope?: string;
}

/** The item opens at another scope than the object's annotations set. */
interface WrongScope {
  readonly code: 'WrongScope';
  readonly item: string;
  readonly sealedAs: string;
  readonly scope: string;
}

/** The item opens under another name and namespace, which the user has suggested. */
interface WrongPlace {
  readonly code: 'WrongPlace';
  readonly item: string;
  readonly sealedAs: string;
  readonly name: string;
  readonly namespace: string;
}

/** How to see the API server's full message, which may quote values. */
const FULL_MESSAGE =
  'for the full message: kubeseal --recovery-unseal … | kubectl apply --dry-run=server -f -';

const WORDING = {
  // The command line.
  Usage: (f: { problem: string }) => f.problem,

  // Files and documents. `at` names the place: file, document, path inside it.
  // Go's message, which scripts match.
  NoSuchFile: (f: { path: string }) => `open ${f.path}: no such file or directory`,
  UnreadableFile: (f: { path: string; reason: string }) => `cannot read ${f.path}: ${f.reason}`,
  UnwritableFile: (f: { path: string; reason: string }) => `cannot write ${f.path}: ${f.reason}`,
  TooLarge: (f: { at: string; limit: string }) => `${f.at} is larger than ${f.limit}`,
  NotUtf8: (f: { at: string; utf16?: boolean }) =>
    `${f.at} is not UTF-8 text${f.utf16 ? ' but UTF-16: save it as UTF-8' : ''}`,
  Syntax: (f: { at: string; problem: string; line: number; column: number }) =>
    `${f.at}: neither JSON nor YAML: ${f.problem} at line ${f.line}, column ${f.column}`,
  DeepNesting: (f: { at: string; max: number }) => `${f.at}: nesting deeper than ${f.max}`,
  TooDeep: (f: { at: string }) => `${f.at}: Lists in Lists are too deep`,
  NoDocument: (f: { at: string; wanted: string }) => `${f.at} holds no document: expected a ${f.wanted}`,
  NoneOfKind: (f: { at: string; kinds: readonly string[]; wanted: string }) => {
    const found = f.kinds.length === 1 ? `a ${joined(f.kinds)}` : joined(f.kinds);
    const remedy = f.kinds.includes('Secret') ? ': seal it first, with -f and -w, to another file' : '';
    return `${f.at} holds ${found}, not a ${f.wanted}${remedy}`;
  },
  WrongKind: (f: { at: string; kind: string; wanted: string }) => `${f.at} is a ${f.kind}, not a ${f.wanted}`,
  WrongType: (f: { at: string; found: string; wanted: string }) => {
    const unquoted = f.wanted === 'a string' && /number|boolean/.test(f.found);
    return `${f.at} is ${f.found}, not ${f.wanted}${unquoted ? ': put it in quotes' : ''}`;
  },
  WrongVersion: (f: { at: string; version: string; wanted: string }) =>
    `${f.at} has apiVersion ${f.version}, not ${f.wanted}`,
  Missing: (f: { at: string }) => `${f.at} is missing`,
  DuplicateField: (f: { at: string }) => `${f.at} is given twice`,
  BadBase64: (f: { at: string; offset: number }) =>
    `${f.at}: illegal base64 data at input byte ${f.offset} (plain text belongs in stringData)`,
  BadName: (f: { at: string; value: string; rule: string }) =>
    `${f.at}: "${f.value}" is not a valid name: ${f.rule}`,

  CannotEdit: (f: { at: string }) =>
    `${f.at} cannot be edited in place (a YAML alias or an unsupported style): write a new file with -o and -w FILE`,

  // Sealing.
  NoName: (f: { at: string }) => `missing metadata.name in input Secret (${f.at}): add it, or give --name`,
  NoItems: (f: { at: string }) =>
    `secret.data is empty in input Secret (${f.at}): there is nothing to seal (to seal it all the same, give --allow-empty-data)`,
  NoNamespace: (f: { at: string; scope: string }) =>
    `${f.at}: no namespace, and the scope ${f.scope} needs one: add metadata.namespace, or give --namespace`,
  NamespaceMismatch: (f: { at: string; own: string; given: string }) =>
    `namespace mismatch: input secret is in namespace "${f.own}" but "${f.given}" was specified (${f.at})`,

  NoMergeTarget: (f: { at: string; count: number; name: string }) =>
    `${f.at} holds ${f.count} SealedSecrets: name the Secret like one of them (now "${f.name}"), to say which`,
  MergeNamespace: (f: { at: string; own: string; given: string }) =>
    `namespace mismatch: ${f.at} is sealed for the namespace "${f.own}" but "${f.given}" was specified`,
  MergeName: (f: { at: string; own: string; given: string }) =>
    `name mismatch: ${f.at} is sealed for the name "${f.own}" but "${f.given}" was specified`,
  MergeMismatch: (f: {
    at: string;
    file: readonly string[];
    input: readonly string[];
    flags: readonly string[];
  }) =>
    `${f.at} has ${f.file.join(', ')}, but the input has ${f.input.join(', ')}: ` +
    `nothing was sealed; if the file is right, confirm it with ${f.flags.join(' ')}`,
  MergeScope: (f: { at: string; own: string; given: string }) =>
    `${f.at} has the scope ${f.own}, which --scope ${f.given} cannot change: its other items would not open`,

  // Certificates and private keys.
  NotACertificate: (f: { at: string; privateKey?: boolean }) =>
    f.privateKey
      ? `${f.at} holds a private key, not a certificate: seal with the tls.crt of the sealing key's Secret`
      : `${f.at} holds no PEM certificate (expected "-----BEGIN CERTIFICATE-----")`,
  CertificateExpired: (f: { at: string; on: string }) =>
    `failed to encrypt using an expired certificate on ${f.on} (${f.at}): fetch the cluster's newest one`,
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
    `nothing was re-encrypted; give the newest certificate, or confirm this one with --allow-old-certificate`,
  RetiredCertificate: (f: { at: string; fingerprint: string; from: string; label: string }) =>
    `${f.at} is the certificate of a key that is out of use: the Secret of ${f.fingerprint}, valid from ${f.from}, is ` +
    `labelled "${f.label}" in the files of --recovery-private-key: nothing was re-encrypted; give the newest ` +
    `certificate, or confirm this one with --allow-old-certificate`,
  CertificateNotYetValid: (f: { at: string; from: string }) =>
    `the certificate is not valid before ${f.from} (${f.at}): check this machine's clock`,
  NotRsa: (f: { at: string; type: string }) => `${f.at} holds a key of type ${f.type}, not RSA`,
  WeakKey: (f: { at: string; bits: number }) =>
    `${f.at} holds an RSA key of ${f.bits} bits: at least 2048 are needed`,
  HugeKey: (f: { at: string; bits: number }) =>
    `${f.at} holds an RSA key of ${f.bits} bits: at most 16384 are accepted`,
  WeakExponent: (f: { at: string }) =>
    `${f.at} holds an RSA key with an unsafe public exponent: an odd one of at least 3 is needed`,
  NotAPrivateKey: (f: { at: string }) =>
    `${f.at} holds no private key: expected a PEM key, or the sealing key's Secret with its tls.key`,
  EncryptedKey: (f: { at: string }) =>
    `${f.at} holds an encrypted private key: decrypt it first (openssl pkey -in FILE)`,
  NotTheNewestKey: (f: { at: string }) => `${f.at} was written, and is not the newest sealing key`,
  NoKeyName: (f: { at: string; count: number }) =>
    `${f.at} and the ${f.count - 1} names that come after it for a new sealing key are taken: delete those Secrets that hold no key`,
  KeyMismatch: (f: { at: string }) => `${f.at}: tls.crt is not the certificate of tls.key`,
  WrongFingerprint: (f: { at: string; found: string; wanted: string }) =>
    `${f.at} has the fingerprint ${f.found}, not ${f.wanted} as --cert-fingerprint says: do not seal with it`,
  CertificateUrl: (f: { url: string; reason: string }) => `cannot fetch certificate: ${f.url}: ${f.reason}`,

  // Unsealing.
  Unseal: (f: { problems: readonly ItemProblem[] }, max: number) => describeProblems(f.problems, max),
  UnsealDocument: (f: { at: string; problems: readonly ItemProblem[] }, max: number) => {
    const place = ` [${f.at}]`;
    return `${describeProblems(f.problems, max - place.length, '; ')}${place}`;
  },
  SecretTooLarge: (f: { size: number; limit: number; items: readonly string[] }, max: number) =>
    `the Secret would hold ${f.size} bytes of data, more than the ${f.limit} (1 MiB) that Kubernetes allows; ` +
    `its largest items: ${listed(f.items, max / 2)}`,
  V1DataNotASecret: () => `spec.data (deprecated) was decrypted, and is not a Secret`,
  V1DataInPlace: (f: { at: string }) =>
    `${f.at} holds deprecated spec.data, which cannot be changed as it stands: recover the Secret, and seal it again`,
  NoEncryptedItems: (f: { at: string }) => `${f.at} has no spec.encryptedData: there is nothing to unseal`,

  NotVerified: (f: { at: string; name: string; problems: readonly ItemProblem[] }, max: number) => {
    const words = `unable to decrypt sealed secret: ${f.name} [${f.at}]`;
    if (f.problems.length === 0) return words;
    return `${words}: ${describeProblems(f.problems, max - words.length - 2, '; ')}`;
  },
  VerifyRefused: (f: { at: string; name: string; reason: string }) =>
    `cannot validate sealed secret: ${f.name} [${f.at}]: ${f.reason}`,
  RotateRefused: (f: { at: string; name: string; reason: string }) =>
    `cannot re-encrypt sealed secret: ${f.name} [${f.at}]: ${f.reason}`,

  // The API server.
  NoCluster: (f: { reason: string }) => `no cluster is configured: ${f.reason}`,
  BadKubeconfig: (f: { at: string; problem: string }) => `${f.at}: ${f.problem}`,
  BadTrustStore: (f: { from: string; problem: string }) => `${f.from}: ${f.problem}`,
  BadProxy: (f: { from: string; problem: string }) => `${f.from}: ${f.problem}`,
  NoCredentials: (f: { plugin: string; problem: string }) =>
    `no credentials for the cluster: the plugin "${f.plugin}": ${f.problem}`,
  NoToken: (f: { user: string; provider: string; problem: string }) =>
    `no credentials for the cluster: user "${f.user}", auth-provider "${f.provider}": ${f.problem}`,
  Unreachable: (f: { server: string; reason: string }) => `cannot reach ${f.server}: ${f.reason}`,
  ApiRefused: (f: {
    what: string;
    status: number;
    reason: string;
    fields: readonly string[];
    /** What refused the object. */
    cause?: string;
    /** The API server's message, without values. */
    words?: string;
    /** Whether kubectl shows more to a user who may see the values. */
    hasMore?: boolean;
  }) =>
    `the API server refused to ${f.what}: ${f.status}${f.reason === '' ? '' : ` ${f.reason}`}${
      f.fields.length === 0 ? '' : ` (${joined(f.fields)})`
    }${f.cause === undefined ? '' : `: ${f.cause}`}${f.words === undefined ? '' : `: ${f.words}`}${
      f.hasMore ? `; ${FULL_MESSAGE}` : ''
    }`,
  BadAnswer: (f: { what: string; problem: string }) => `${f.what}: ${f.problem}`,
  NoSuchService: (f: { namespace: string; name: string; others: readonly string[] }) =>
    `cannot get sealed secret service: no Service "${f.name}" in namespace "${f.namespace}": ` +
    (f.others.length === 0
      ? `name it with --controller-name and --controller-namespace, or give --cert FILE`
      : `there is ${joined(f.others)} (NAMESPACE/NAME): name it with --controller-name and --controller-namespace`),
  ServiceRefused: (f: { namespace: string; name: string; reason: string }) =>
    `cannot get sealed secret service: ${f.namespace}/${f.name}: ${f.reason}`,
  CertificateRefused: (f: { namespace: string; name: string; reason: string }) =>
    `cannot fetch certificate: ${f.namespace}/${f.name}: ${f.reason}`,
  ControllerRefused: (f: { namespace: string; name: string; reason: string }) =>
    `cannot ask the controller: ${f.namespace}/${f.name}: ${f.reason}`,
  CannotListen: (f: { address: string; reason: string }) => `cannot listen on ${f.address}: ${f.reason}`,
  BadTlsPair: (f: { cert: string; key: string }) =>
    `cannot serve TLS: ${f.cert} and ${f.key} are not a PEM certificate and its key`,

  // Reconciling.
  UnfitForType: (f: { problem: string; patched: boolean }) =>
    `${f.problem}: the API server refuses it otherwise`,
  BadItemName: (f: { item: string }) =>
    `no Secret can have an item named "${f.item}": letters, digits, "-", "_" and "." are allowed`,
  NotManaged: (f: { name: string }) =>
    `failed update: Resource "${f.name}" already exists and is not managed by SealedSecret`,
  PatchedSecretGone: (f: { name: string }) =>
    `failed update: the Secret "${f.name}" is gone; it was patched and belongs to others, so it is not created here: ` +
    `create it with the annotation sealedsecrets.bitnami.com/patch: "true", and it is patched again`,
  Immutable: (f: { namespace: string; name: string }) =>
    `Error updating ${f.namespace}/${f.name}: the target Secret is immutable; delete it and the controller recreates it`,
  TypeChange: (f: { namespace: string; name: string }) =>
    `Error updating ${f.namespace}/${f.name}: the type of a Secret cannot change; delete it and the controller recreates it`,
  PrivilegedType: (f: { type: string }) =>
    `refused: a Secret of type ${f.type} grants rights to its creator: only a controller started with ` +
    `--allow-privileged-secret-types creates one`,
  V1DataRefused: () => `using deprecated 'data' field, use 'encryptedData' or flip the feature flag`,
  PlantedKey: (f: { problem: string }) =>
    `refused: ${f.problem}: a SealedSecret cannot make or change a sealing key`,
  Internal: (f: { where: string; name: string }) => `internal error in ${f.where} (${f.name})`,
} satisfies Wording;

/** A failure with one of the codes above. */
export type CommonFailure = Failure<DetailsIn<typeof WORDING>>;

/** Returns a failure with one of the codes above. */
export function commonFailure(details: CommonFailure['details']): CommonFailure {
  return new Failure(details, WORDING);
}

/** Throws a failure with one of the codes above, as `SealedSecretsError`. */
export function fail(details: CommonFailure['details']): never {
  throw new SealedSecretsError(commonFailure(details));
}

/** Whether a failure has one of the codes above. */
export function isCommon(other: Failure): other is CommonFailure {
  return other.isOneOf(WORDING);
}

/**
 * Returns the failure of a thrown value. Any error but `SealedSecretsError` becomes `Internal` with only its class
 * name, since its message may quote values.
 */
export function failureOf(error: unknown, where: string): Failure {
  if (error instanceof SealedSecretsError) return error.failure;
  const name = error instanceof Error ? error.name : typeof error;
  return new Failure({ code: 'Internal', where, name }, WORDING);
}

/** Shortens texts. Leaves lists alone: each message bounds its own. */
function shown(value: unknown): unknown {
  return typeof value === 'string' ? visible(value) : value;
}

/** The most different causes in the message of one object. A cause may hold an offset, or a template's text. */
const MAX_CAUSES = 100;
/** Room for "and N more". */
const ROOM = 24;

/** Items with the same cause. */
interface Group {
  readonly words: (items: string) => string;
  readonly items: string[];
}

/** Up to this number, all causes are listed, if necessary with fewer item names each. */
const FEW_CAUSES = 5;

/** Returns a line for each cause, as many as fit, and the number of items in no line. */
function describeProblems(problems: readonly ItemProblem[], max: number, separator = '\n'): string {
  const groups = groupsOf(problems);
  const whole = linesOf(groups, max / 2);
  const length = whole.reduce((sum, { line }) => sum + separator.length + line.length, 0);
  const isCut = length > max && groups.length <= FEW_CAUSES;
  const lines = isCut ? linesOf(groups, max / 2 / groups.length) : whole;
  let told = '';
  let rest = problems.length;
  for (const { line, count } of lines) {
    const room = count < rest ? max - ROOM : max;
    const isFirst = rest === problems.length;
    const more = isFirst ? shortened(line, room) : `${told}${separator}${line}`;
    if (!isFirst && more.length > room) break;
    told = more;
    rest -= count;
  }
  return withRest(told, rest, separator);
}

/** Returns sorted lines, each with the number of its items. The item names take at most `max` units of a line. */
function linesOf(groups: readonly Group[], max: number): { line: string; count: number }[] {
  return groups
    .map(({ words, items }) => ({ line: words(listed(items, max)), count: items.length }))
    .sort((a, b) => (a.line < b.line ? -1 : 1));
}

function groupsOf(problems: readonly ItemProblem[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const problem of problems) {
    const words = problemWords(problem);
    const key = words('');
    const group = groups.get(key);
    if (group) group.items.push(problem.item);
    else if (groups.size < MAX_CAUSES) groups.set(key, { words, items: [problem.item] });
  }
  return [...groups.values()];
}

/** Starts with `ERROR (ITEM, …)`, exactly as in the reference. Our additions follow. */
function problemWords(problem: ItemProblem): (items: string) => string {
  switch (problem.code) {
    case 'NoKey':
      return (items) => `${noKey(items)}: ${whyNoKey(problem.known)}`;
    case 'NotTried':
      return (items) => `not tried, for ${problem.failed} others had failed${inBrackets(items)}`;
    case 'WrongScope':
      return (items) => `${noKey(items)}: ${wrongScope(problem)}`;
    case 'WrongPlace':
      return (items) => `${noKey(items)}: ${wrongPlace(problem)}`;
    case 'NoEnvelope':
      return (items) => `${noKey(items)}: the value is cut short, or was not made by sealing`;
    case 'NotAString':
      return (items) => `${noKey(items)}: the value is not a string`;
    case 'IllegalBase64':
      return (items) => `illegal base64 data at input byte ${problem.offset}${inBrackets(items)}`;
    case 'Template':
      return (items) => `${visible(problem.told)}${inBrackets(items)}`;
    case 'TemplatesSkipped':
      return () => `${problem.skipped} more templates were not looked at, because ${problem.failed} failed`;
  }
}

function noKey(items: string): string {
  return `no key could decrypt secret${inBrackets(items)}`;
}

/** Omits the name for the deprecated `spec.data`, which is one value without a name. */
function inBrackets(items: string): string {
  return items === '' ? '' : ` (${items})`;
}

/** Returns one message for all causes that must not be distinguished. */
function whyNoKey(known: KnownKeys | undefined): string {
  if (known === undefined)
    return 'sealed for another name, namespace or scope, or with a key that is not here, or damaged';
  const { keys, compromised = 0, fingerprints, hint, editedScope } = known;
  const more = keys - fingerprints.length;
  const named = `${fingerprints.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const tried = keys === 0 ? 'there is no key here' : `tried ${keys} key${keys === 1 ? '' : 's'} (${named})`;
  const hinted = hint.length === 0 ? '' : `; its sealing-key annotation, unproven, names ${hint.join(', ')}`;
  const untried =
    compromised === 0
      ? ''
      : `; ${compromised} ${compromised === 1 ? 'key is' : 'keys are'} labelled compromised and not tried`;
  return `sealed for another name or namespace, or with a key that is not here, or damaged: ${tried}${untried}${hinted}${putBack(editedScope)}`;
}

/** Returns what to revert. Strict ciphertexts are bound to name and namespace, namespace-wide ones to the namespace. */
function putBack(scope: string | undefined): string {
  switch (scope) {
    case 'strict':
      return '; if metadata.name or metadata.namespace was edited, put the original back';
    case 'namespace-wide':
      return '; if metadata.namespace was edited, put the original back';
    default:
      return '';
  }
}

function wrongScope({ sealedAs, scope }: WrongScope): string {
  const annotation = (name: string): string => `the annotation sealedsecrets.bitnami.com/${name}: "true"`;
  // Of both annotations, cluster-wide takes precedence.
  const take = scope === 'cluster-wide' || sealedAs === 'strict' ? [`take away ${annotation(scope)}`] : [];
  const give = sealedAs === 'strict' ? [] : [`give the SealedSecret ${annotation(sealedAs)}`];
  const remedy = [...take, ...give].join(' and ');
  return `sealed with scope ${sealedAs}, but the SealedSecret says ${scope}: ${remedy}, or seal again`;
}

function wrongPlace({ sealedAs, name, namespace }: WrongPlace): string {
  if (sealedAs === 'cluster-wide') return 'sealed with scope cluster-wide';
  const inNamespace = `in the namespace "${visible(namespace)}"`;
  return sealedAs === 'strict'
    ? `sealed for the name "${visible(name)}" ${inNamespace}: put both back into metadata`
    : `sealed for any name ${inNamespace}: put it back into metadata`;
}

/** Joins the sorted item names, as many as fit into `max` units, but at least one. */
function listed(items: readonly string[], max: number): string {
  const sorted = items.toSorted();
  const named: string[] = [];
  let length = 0;
  for (const item of sorted) {
    const name = shortened(visible(item), max);
    length += name.length + 2;
    if (named.length > 0 && length > max) break;
    named.push(name);
  }
  return withRest(named.join(', '), sorted.length - named.length);
}
