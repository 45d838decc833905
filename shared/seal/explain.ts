import type { Place } from '../api/place.ts';
import { utf8Text } from '../bytes.ts';
import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Label } from '../crypto/envelope.ts';
import type { ItemProblem } from './item-problem.ts';
import { hintOf } from './hint.ts';
import { envelopeOf } from './item-envelope.ts';
import type { Decrypter } from './open-items.ts';
import { labelFor, SCOPES, scopeOf, type Scope } from './scope.ts';

/** A name and namespace that a value may have been sealed for; empty if unknown. */
export interface Candidate {
  readonly name: string;
  readonly namespace: string;
}

/** The most items that are explained. Each costs a private operation for every key and label. */
const MAX_EXPLAINED = 3;

/** What `explain` needs to know of the SealedSecret, and the keys to try. */
export interface ExplainOptions {
  readonly sealed: SealedSecret;
  /** The encrypted values by item. */
  readonly encrypted: ReadonlyMap<string, string | null>;
  readonly decrypter: Decrypter;
  /** Names and namespaces to try. Only for an owner of the private keys. */
  readonly candidates: readonly Candidate[];
  /** The source of the SealedSecret, for errors. */
  readonly place: Place;
  readonly signal: AbortSignal;
}

/**
 * Adds to the `NoKey` problems why no key opens the item, as far as that is safe: an item that opens under the label of
 * its own name and namespace at another scope was sealed at that scope. A client could learn that anyway by changing
 * the annotation. All other causes look the same. Decrypted values are discarded. See docs/security.md. Throws the
 * signal's reason when it aborts.
 */
export async function explain(
  problems: readonly ItemProblem[],
  { sealed, encrypted, decrypter, candidates, place, signal }: ExplainOptions,
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
      const value = encrypted.get(item) ?? null;
      const found = await firstThatOpens({ item, value }, { guesses, decrypter, signal });
      explained.push(found ?? { code: 'NoKey', item, known });
    } else {
      explained.push(problem);
    }
  }
  return explained;
}

/** A label to try, and the problem of an item that opens under it. */
interface Guess {
  readonly label: Label;
  readonly problem: (item: string) => ItemProblem;
}

function guessesFor(sealed: SealedSecret, candidates: readonly Candidate[], place: Place): readonly Guess[] {
  const { metadata } = sealed;
  const scope = scopeOf(metadata.annotations);
  const guesses = new Map<string, Guess>();
  const add = (at: Scope, { name, namespace }: Candidate, problem: Guess['problem']): void => {
    const label = labelOrNone(at, { name, namespace }, place);
    const key = label && utf8Text(label);
    if (label && key !== undefined && !guesses.has(key)) guesses.set(key, { label, problem });
  };
  // The label that has been tried already; removed below.
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

/** Returns the label; undefined if the object lacks a name or namespace that the scope needs. */
function labelOrNone(scope: Scope, object: Candidate, place: Place): Label | undefined {
  try {
    return labelFor(scope, object, place);
  } catch {
    return undefined;
  }
}

async function firstThatOpens(
  { item, value }: { readonly item: string; readonly value: string | null },
  {
    guesses,
    decrypter,
    signal,
  }: { readonly guesses: readonly Guess[] } & Pick<ExplainOptions, 'decrypter' | 'signal'>,
): Promise<ItemProblem | undefined> {
  const envelope = envelopeOf(item, value);
  if ('code' in envelope) return undefined;
  for (const { label, problem } of guesses) {
    const opened = await decrypter.open(envelope, { label, signal });
    opened?.value.fill(0);
    if (opened) return problem(item);
  }
  return undefined;
}
