import type { Place } from '../api/place.ts';
import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Label } from '../crypto/envelope.ts';
import type { ItemProblem } from '../errors.ts';
import { hintOf } from './hint.ts';
import { envelopeOf, type Decrypter } from './open-items.ts';
import { labelFor, SCOPES, scopeOf, type Scope } from './scope.ts';

/** A name and namespace that a value may have been sealed for; empty where unknown. */
export interface Candidate {
  readonly name: string;
  readonly namespace: string;
}

/** Each look further costs a private operation for every key and label. */
const MAX_EXPLAINED = 3;

/**
 * Says of items that no key opened why, as far as it can be told safely: an item that opens whole under a label
 * that the object's own name and namespace give at another scope was sealed at that scope. Whoever can ask could
 * learn it by changing the annotation. Everything else has one answer, and what a try decrypts is dropped; the
 * candidates are for an owner of the private keys. See docs/security.md.
 */
export async function explain(
  sealed: SealedSecret,
  encrypted: ReadonlyMap<string, string | null>,
  problems: readonly ItemProblem[],
  decrypter: Decrypter,
  candidates: readonly Candidate[],
  place: Place,
  signal: AbortSignal,
): Promise<readonly ItemProblem[]> {
  const guesses = guessesFor(sealed, candidates, place);
  const { compromised = 0 } = decrypter;
  const known = {
    ...(compromised === 0 ? {} : { compromised }),
    keys: decrypter.fingerprints.length,
    fingerprints: decrypter.fingerprints.slice(0, MAX_EXPLAINED),
    hint: hintOf(sealed.metadata.annotations).slice(0, MAX_EXPLAINED),
  };
  const explained: ItemProblem[] = [];
  let tried = 0;
  for (const problem of problems) {
    if (problem.code !== 'NoKey') {
      explained.push(problem);
    } else if (tried++ < MAX_EXPLAINED) {
      const { item } = problem;
      const found = await firstThatOpens(item, encrypted.get(item) ?? null, guesses, decrypter, signal);
      explained.push(found ?? { code: 'NoKey', item, known });
    } else {
      explained.push(problem);
    }
  }
  return explained;
}

interface Guess {
  readonly label: Label;
  readonly means: (item: string) => ItemProblem;
}

function guessesFor(sealed: SealedSecret, candidates: readonly Candidate[], place: Place): readonly Guess[] {
  const { metadata } = sealed;
  const scope = scopeOf(metadata.annotations);
  const guesses = new Map<string, Guess>();
  const add = (at: Scope, { name, namespace }: Candidate, means: Guess['means']): void => {
    const label = labelOrNone(at, { name, namespace }, place);
    const key = label?.toString('hex');
    if (label && key !== undefined && !guesses.has(key)) guesses.set(key, { label, means });
  };
  // What was tried already.
  add(scope, metadata, (item) => ({ code: 'NoKey', item }));
  const [own] = guesses.keys();
  for (const sealedAs of SCOPES)
    add(sealedAs, metadata, (item) => ({ code: 'WrongScope', item, sealedAs, scope }));
  for (const { name, namespace } of candidates) {
    const full = { name: name || metadata.name, namespace: namespace || metadata.namespace };
    for (const sealedAs of SCOPES) {
      add(sealedAs, full, (item) => ({ code: 'WrongPlace', item, sealedAs, ...full }));
    }
  }
  if (own !== undefined) guesses.delete(own);
  return [...guesses.values()];
}

/** An object without a namespace has fewer labels. */
function labelOrNone(scope: Scope, object: Candidate, place: Place): Label | undefined {
  try {
    return labelFor(scope, object, place);
  } catch {
    return undefined;
  }
}

async function firstThatOpens(
  item: string,
  value: string | null,
  guesses: readonly Guess[],
  decrypter: Decrypter,
  signal: AbortSignal,
): Promise<ItemProblem | undefined> {
  const envelope = envelopeOf(item, value);
  if ('code' in envelope) return undefined;
  for (const { label, means } of guesses) {
    const opened = await decrypter.open(envelope, label, [], signal);
    opened?.value.fill(0);
    if (opened) return means(item);
  }
  return undefined;
}
