/**
 * Failures are data with a code; this file is the one place that words them, for the terminal and for the
 * `Synced` condition alike. No wording may take a value, a key or a token: only names, places and numbers.
 */

/** What can be wrong with one item of a SealedSecret, as far as it can be told without helping an attacker. */
export type ItemProblem =
  | { readonly code: 'NoKey'; readonly item: string }
  | { readonly code: 'NoEnvelope'; readonly item: string }
  | { readonly code: 'NotAString'; readonly item: string }
  | { readonly code: 'IllegalBase64'; readonly item: string; readonly offset: number }
  | { readonly code: 'TemplatesUnsupported'; readonly item: string };

const wording = {
  // What a user typed.
  Usage: (f: { problem: string }) => f.problem,

  // Files and documents. `at` names the place: file, document, path inside it.
  NoSuchFile: (f: { path: string }) => `no such file: ${f.path}`,
  UnreadableFile: (f: { path: string; reason: string }) => `cannot read ${f.path}: ${f.reason}`,
  UnwritableFile: (f: { path: string; reason: string }) => `cannot write ${f.path}: ${f.reason}`,
  TooLarge: (f: { at: string; limit: string }) => `${f.at} is larger than ${f.limit}`,
  NotUtf8: (f: { at: string }) => `${f.at} is not UTF-8 text`,
  Syntax: (f: { at: string; problem: string; line: number; column: number }) =>
    `${f.at}: neither JSON nor YAML: ${f.problem} at line ${f.line}, column ${f.column}`,
  TooDeep: (f: { at: string }) => `${f.at}: Lists in Lists are too deep`,
  NoDocument: (f: { at: string; wanted: string }) => `${f.at} holds no document: expected a ${f.wanted}`,
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

  // Sealing.
  NoName: (f: { at: string }) => `missing metadata.name in input Secret (${f.at}): add it, or give --name`,
  NoItems: (f: { at: string }) => `secret.data is empty in input Secret (${f.at}): there is nothing to seal`,
  NoNamespace: (f: { at: string; scope: string }) =>
    `${f.at}: no namespace, and the scope ${f.scope} needs one: add metadata.namespace, or give --namespace`,
  NamespaceMismatch: (f: { at: string; own: string; given: string }) =>
    `namespace mismatch: input secret is in namespace "${f.own}" but "${f.given}" was specified (${f.at})`,

  // Certificates and private keys.
  NotACertificate: (f: { at: string }) =>
    `${f.at} holds no PEM certificate (expected "-----BEGIN CERTIFICATE-----")`,
  CertificateExpired: (f: { at: string; on: string }) =>
    `failed to encrypt using an expired certificate on ${f.on} (${f.at}): fetch the cluster's newest one`,
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
  KeyMismatch: (f: { at: string }) => `${f.at}: tls.crt is not the certificate of tls.key`,
  CertificateUrl: (f: { url: string; reason: string }) => `cannot fetch certificate: ${f.url}: ${f.reason}`,

  // Unsealing.
  Unseal: (f: { problems: readonly ItemProblem[] }) => describeProblems(f.problems),
  UnsealDocument: (f: { at: string; problems: readonly ItemProblem[] }) =>
    `${describeProblems(f.problems).replaceAll('\n', '; ')} [${f.at}]`,
  DeprecatedV1Data: () =>
    `using deprecated 'data' field, use 'encryptedData' or flip the feature flag: spec.data is not supported yet`,
  NoEncryptedItems: (f: { at: string }) => `${f.at} has no spec.encryptedData: there is nothing to unseal`,

  // The API server.
  NoCluster: (f: { reason: string }) => `no cluster is configured: ${f.reason}`,
  BadKubeconfig: (f: { at: string; problem: string }) => `${f.at}: ${f.problem}`,
  Unreachable: (f: { server: string; reason: string }) => `cannot reach ${f.server}: ${f.reason}`,
  ApiRefused: (f: { what: string; status: number; reason: string; fields: readonly string[] }) =>
    `the API server refused to ${f.what}: ${f.status}${f.reason === '' ? '' : ` ${f.reason}`}${
      f.fields.length === 0 ? '' : ` (${f.fields.join(', ')})`
    }`,
  BadAnswer: (f: { what: string; problem: string }) => `${f.what}: ${f.problem}`,
  NoSuchService: (f: { namespace: string; name: string }) =>
    `cannot get sealed secret service: no Service "${f.name}" in namespace "${f.namespace}": ` +
    `name it with --controller-name and --controller-namespace, or give --cert FILE`,
  ServiceRefused: (f: { namespace: string; name: string; reason: string }) =>
    `cannot get sealed secret service: ${f.namespace}/${f.name}: ${f.reason}`,
  CertificateRefused: (f: { namespace: string; name: string; reason: string }) =>
    `cannot fetch certificate: ${f.namespace}/${f.name}: ${f.reason}`,
  CannotListen: (f: { address: string; reason: string }) => `cannot listen on ${f.address}: ${f.reason}`,
  NotLeader: () => `this replica does not lead: the write was not sent`,

  // Reconciling.
  BadItemName: (f: { item: string }) =>
    `no Secret can have an item named "${f.item}": letters, digits, "-", "_" and "." are allowed`,
  NotManaged: (f: { name: string }) =>
    `failed update: Resource "${f.name}" already exists and is not managed by SealedSecret`,
  Immutable: (f: { namespace: string; name: string }) =>
    `Error updating ${f.namespace}/${f.name}: the target Secret is immutable. Delete it, and it is made anew`,
  TypeChange: (f: { namespace: string; name: string }) =>
    `Error updating ${f.namespace}/${f.name}: the type of a Secret cannot change. Delete it, and it is made anew`,
  PlantedKey: (f: { problem: string }) =>
    `refused: ${f.problem}: a SealedSecret cannot make a sealing key in the controller's namespace`,
  Internal: (f: { where: string; name: string }) => `internal error in ${f.where} (${f.name})`,
} as const;

type Wording = typeof wording;
export type Code = keyof Wording;
type Data<C extends Code> = Parameters<Wording[C]> extends [infer F] ? F : object;

/** A failure: its code, and the names, places and numbers that the code's wording needs. */
export type Failure = { readonly [C in Code]: { readonly code: C } & Readonly<Data<C>> }[Code];

/** The wording of a failure, without prefix; several lines only where several distinct problems are told. */
export function describe(failure: Failure): string {
  // The table is indexed by the failure's own code, so the pair always fits; TypeScript cannot follow that.
  const words = wording[failure.code] as (f: object) => string;
  return words(Object.fromEntries(Object.entries(failure).map(([field, value]) => [field, shown(value)])));
}

/** A failure on its way up the stack. `message` is its wording. */
export class SealedSecretsError extends Error {
  override readonly name = 'SealedSecretsError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(describe(failure));
    this.failure = failure;
  }
}

/** Throws a failure. */
export function fail(failure: Failure): never {
  throw new SealedSecretsError(failure);
}

/**
 * A thrown thing as a failure. Anything that is not ours becomes `Internal` with its class name alone: the
 * message of a foreign error may quote what it failed on.
 */
export function failureOf(error: unknown, where: string): Failure {
  if (error instanceof SealedSecretsError) return error.failure;
  return { code: 'Internal', where, name: error instanceof Error ? error.name : typeof error };
}

function shown(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  return Array.isArray(value) ? value.map(shown) : value;
}

const MAX_SHOWN = 300;

/** Text from outside as it may be shown in a failure: escaped, and of bounded length. */
export function visible(text: string): string {
  return escaped(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
}

/** Text with its control, format and line-breaking characters escaped: nothing in it moves a terminal's cursor. */
export function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

const MAX_NAMED = 10;

function describeProblems(problems: readonly ItemProblem[]): string {
  const groups = new Map<string, { words: (items: string) => string; items: string[] }>();
  for (const problem of problems) {
    const words = problemWords(problem);
    const key = words('');
    const group = groups.get(key) ?? { words, items: [] };
    group.items.push(problem.item);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ words, items }) => words(listed(items)))
    .sort()
    .join('\n');
}

/** `ERROR (ITEM, …)` comes first, word for word what the reference writes; what we add stands behind it. */
function problemWords(problem: ItemProblem): (items: string) => string {
  switch (problem.code) {
    case 'NoKey':
      return (items) =>
        `no key could decrypt secret (${items}): sealed for another name, namespace or scope, or with a key that is not here`;
    case 'NoEnvelope':
      return (items) =>
        `no key could decrypt secret (${items}): the value is cut short, or was not made by sealing`;
    case 'NotAString':
      return (items) => `no key could decrypt secret (${items}): the value is not a string`;
    case 'IllegalBase64':
      return (items) => `illegal base64 data at input byte ${problem.offset} (${items})`;
    case 'TemplatesUnsupported':
      return (items) => `templates are not supported yet (${items})`;
  }
}

function listed(items: readonly string[]): string {
  const sorted = items.toSorted();
  const named = sorted.slice(0, MAX_NAMED).map(visible);
  const more = sorted.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
}
