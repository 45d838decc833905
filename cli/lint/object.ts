import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Failure } from '../../shared/errors.ts';
import type { Document } from '../../shared/manifest/read.ts';
import type { Suspect } from '../../shared/inspect/explanation.ts';
import type { Scope } from '../../shared/seal/scope.ts';
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
  readonly now: Date;
}

/** Returns what is wrong with an object. A rule reports everything that it finds, and reads nothing but its arguments. */
export type ObjectRule = (
  object: LintedObject,
  context: ObjectContext,
) => readonly Problem[] | Promise<readonly Problem[]>;
