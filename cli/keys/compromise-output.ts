import type { RecordedKey } from '../../shared/key-record/record.ts';
import type { SealedObject } from './sealed-objects.ts';
import { shownPlace, table } from './table.ts';

/** How the key of an object is known, in words. */
const GRADES = { proven: 'yes', claimed: 'by its annotation', unknown: 'perhaps' } as const;

/** An object that a key sealed, and who may know its values from writing them. */
export interface ExposedObject extends SealedObject {
  /** Those who changed the file, as Git tells; empty in the cluster. */
  readonly authors: readonly string[];
}

/** Returns what a compromised key exposes, and what to do about it. */
export function compromiseText(
  { name, fingerprint }: Pick<RecordedKey, 'name' | 'fingerprint'>,
  { exposed, newest }: { readonly exposed: readonly ExposedObject[]; readonly newest: string },
): string {
  const rows = exposed.map((object) => [
    shownPlace(object),
    object.file ?? 'the cluster',
    GRADES[object.evidence.grade],
    object.authors.join(', '),
  ]);
  const objects =
    rows.length === 0
      ? 'No SealedSecret among those checked is sealed with it now.\n'
      : table([['OBJECT', 'WHERE', 'SEALED WITH IT', 'AUTHORS'], ...rows]);
  return `${name} (${fingerprint}) is compromised; the newest key is ${newest}

${objects}
A holder of the key can read these values, and everything it ever sealed in the history
of Git, on every branch and in every clone. Re-encrypting does not change that.

1. Rotate each value where it is made: the password in the database, the token at its
   issuer. Begin with what opens most.
2. Seal the new values: kubeseal set FILE KEY --prompt. They get the newest key.
   Apply the files.
3. Find what was sealed with the key before, and is gone from the files:
   git log --all --oneline -S ${fingerprint}
4. Once nothing needs the key any more, run this command again: it labels the key.
5. Back up the newest key: kubeseal keys backup
`;
}
