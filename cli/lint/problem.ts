import type { PatchMap } from '../../shared/manifest/splice.ts';
import type { RuleId, Severity } from './rules.ts';

/** What is wrong in one object of a file. Its texts hold names and places, and never a value. */
export interface Problem {
  readonly rule: RuleId;
  /** The severity, where it is not the usual one of the rule. */
  readonly severity?: Severity;
  /** The keys and indices that lead from the object to what is wrong; empty for the object itself. */
  readonly at: readonly (string | number)[];
  /** What is wrong, such as `the item "password" is in plain text`, without the name of the file and the object. */
  readonly message: string;
  /** What to do about it, such as `seal it: kubeseal -f db.yaml -w db.yaml`. */
  readonly advice: string;
  /** What is left to do after `fix`, such as `change the values`. */
  readonly afterFix?: string;
  /**
   * Whether it is wrong only if the text shows all of the object and nothing else: the actions of a template may add
   * what is missing, or keep one of two things out, and a patch for Kustomize is a part of an object.
   */
  readonly needsAll?: true;
  /** The edit of the object that mends it, where one is safe: what the cluster makes of the object stays the same. */
  readonly fix?: PatchMap;
}

/** What is wrong, and where. */
export interface Finding extends Omit<Problem, 'at' | 'severity' | 'needsAll'> {
  readonly severity: Severity;
  /** The file as the user named it, or `<stdin>`. */
  readonly file: string;
  /** The line and the column, from 1; the column counts UTF-16 units. */
  readonly line: number;
  readonly column: number;
  /** What it is in, such as `SealedSecret shop/db`; undefined for a file that holds no objects. */
  readonly object: string | undefined;
}
