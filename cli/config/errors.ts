import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../../shared/errors.ts';
import type { Scope } from '../../shared/seal/scope.ts';
import { joined, visible } from '../../shared/text.ts';

/** The messages about `.kubeseal.yaml`, by code. `at` is a place in the file. */
const WORDING = {
  NotOneDocument: (f: { at: string; count: number }) =>
    `${f.at} holds ${f.count} documents: put the whole configuration into one`,
  UnknownField: (f: { at: string; field: string; similar: string | undefined; names: readonly string[] }) =>
    `${f.at}: unknown field "${f.field}"` +
    (f.similar === undefined ? `; it can have ${joined(f.names)}` : `; did you mean "${f.similar}"?`),
  NullField: (f: { at: string }) => `${f.at} has no value: write one, or remove the field`,
  EmptyText: (f: { at: string }) => `${f.at} is empty: write a value, or remove the field`,
  NotAChoice: (f: { at: string; choices: readonly string[]; similar: string | undefined }) =>
    `${f.at} must be one of ${joined(f.choices)}` +
    (f.similar === undefined ? '' : `; did you mean "${f.similar}"?`),
  BadClusterName: (f: { at: string }) =>
    `${f.at}: the name of a cluster has at most 63 letters, digits, "-", "_" and ".", and begins with a letter or digit`,
  SameClusterName: (f: { at: string; name: string; other: string }) =>
    `${f.at}: the clusters "${f.other}" and "${f.name}" differ only in upper and lower case: rename one of them`,
  NoCertificate: (f: { at: string }) =>
    `${f.at} needs a certificate (a file or URL), or a context (of the kubeconfig), or both`,
  BadCertificate: (f: { at: string }) =>
    `${f.at} must be a file, or a URL that begins with https:// or http://`,
  BadPattern: (f: { at: string; problem: string }) => `${f.at}: ${f.problem}`,
  TooManyPatterns: (f: { at: string; limit: string }) =>
    `${f.at}: all patterns together have more than ${f.limit}`,
  UnknownRule: (f: { at: string; similar: string | undefined }) =>
    `${f.at}: there is no rule of this id or name` +
    (f.similar === undefined ? '' : `; did you mean "${f.similar}"?`),
  SameRule: (f: { at: string; id: string }) =>
    `${f.at}: the severity of ${f.id} is set twice, by id and by name`,
  ScopeAboveMax: (f: { at: string; scope: Scope; maxScope: Scope }) =>
    `${f.at} is ${f.scope}, which is wider than maxScope, ${f.maxScope}`,
  ForeignConfig: (f: { at: string; uid: number }) =>
    `${f.at} belongs to another user (uid ${f.uid}), who could choose the certificate that you seal with: if you trust it, ` +
    `name it with --config; else use --config none`,
  NoSuchCluster: (f: { at: string; name: string; similar: string | undefined; names: readonly string[] }) =>
    `${f.at} has no cluster "${visible(f.name)}"` +
    (f.similar === undefined
      ? `: it has ${joined(f.names) || 'no clusters'}`
      : `; did you mean "${visible(f.similar)}"?`),
  NoConfig: (f: { why: string }) =>
    `${f.why} needs a .kubeseal.yaml, and there is none from this folder upwards: write one, or name it with --config`,
} satisfies Wording;

/** A failure about `.kubeseal.yaml`. */
export type ConfigFailure = Failure<DetailsIn<typeof WORDING>>;

/** Throws a failure about `.kubeseal.yaml`, as `SealedSecretsError`. */
export function fail(details: ConfigFailure['details']): never {
  throw new SealedSecretsError(new Failure(details, WORDING));
}
