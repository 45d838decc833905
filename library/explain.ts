import { parseSealedSecret } from '../shared/api/sealed-secret.ts';
import { systemClock } from '../shared/clock.ts';
import { explain as explainSealed, type Explanation } from '../shared/inspect/explanation.ts';
import { Certificate } from './certificate.ts';
import { translatingAsync } from './errors.ts';

/** Options of `explain`. */
export interface ExplainOptions {
  /** Certificates that may have sealed it. The explanation says for each which items it cannot have sealed. */
  readonly certificates?: readonly Certificate[] | undefined;
  /** The file that the SealedSecret came from, for errors. Defaults to `SealedSecret`. */
  readonly source?: string | undefined;
}

/**
 * Tells what a SealedSecret is, without a private key: where it can be unsealed, its items with the length of their
 * values, and what its templates use. `kubeseal explain -o json` prints the same.
 *
 * Rejects with `WrongType`, `WrongKind`, `WrongVersion`, `Missing` or `DuplicateField` for what is not a SealedSecret. A
 * malformed item is no failure; its `problem` says what is wrong.
 */
export async function explain(sealedSecret: object, options: ExplainOptions = {}): Promise<Explanation> {
  const { certificates = [], source = 'SealedSecret' } = options;
  const suspects = certificates.map((each) => {
    const { parsed, source: from } = Certificate.partsOf(each);
    return { certificate: parsed, from };
  });
  return translatingAsync('explaining a SealedSecret', () =>
    explainSealed(parseSealedSecret(sealedSecret, { source }), { suspects, now: systemClock.now() }),
  );
}
