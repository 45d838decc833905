import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Failure } from '../../shared/errors.ts';
import type { Document } from '../../shared/manifest/read.ts';
import type { Suspect } from '../../shared/inspect/explanation.ts';
import type { Scope } from '../../shared/seal/scope.ts';
import type { Path } from './plaintext.ts';
import type { Problem } from './problem.ts';

/** An object of a file. */
export interface LintedObject extends Document {
  readonly value: object;
  /** The kind and the version; empty if they are absent or not text. */
  readonly kind: string;
  readonly apiVersion: string;
  /** A SealedSecret, or why it is malformed; undefined for other kinds. */
  readonly sealed: SealedSecret | Failure | undefined;
}

/** A cluster, and the certificates of its keys. */
export interface LintCluster {
  readonly name: string;
  /** The first one is the newest: the one to seal with. */
  readonly certificates: readonly Suspect[];
}

/** The name and namespace that a tool such as Kustomize gives an object. */
export interface Destination {
  readonly name: string;
  readonly namespace: string;
  /** The file that says so. */
  readonly by: string;
}

/** What rules know besides the object. */
export interface ObjectContext {
  /** The file as the user named it, or `<stdin>`. */
  readonly file: string;
  /** The cluster that the path of the file belongs to, if that is known. */
  readonly cluster: LintCluster | undefined;
  /** Every known cluster. */
  readonly clusters: readonly LintCluster[];
  /** The widest scope that is allowed. */
  readonly maxScope: Scope;
  /** Where tools put the object, if they change its name or namespace; empty if it stays as it is. */
  readonly destinations: readonly Destination[];
  /** The ways to the entries of the object that name files in plain text, for a generator of Secrets. */
  readonly plainFiles: readonly Path[];
  readonly now: Date;
}

/** Returns what is wrong with an object. A rule reports everything that it finds, and reads nothing but its arguments. */
export type ObjectRule = (
  object: LintedObject,
  context: ObjectContext,
) => readonly Problem[] | Promise<readonly Problem[]>;
