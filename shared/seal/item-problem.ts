import { shortened, visible, withRest } from '../text.ts';

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
      /** Go's error text, or why it is withheld. */
      readonly message: string;
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
export function describeItems(problems: readonly ItemProblem[], max: number, separator = '\n'): string {
  const groups = groupsOf(problems);
  const whole = linesOf(groups, max / 2);
  const length = whole.reduce((sum, { line }) => sum + separator.length + line.length, 0);
  const isCut = length > max && groups.length <= FEW_CAUSES;
  const lines = isCut ? linesOf(groups, max / 2 / groups.length) : whole;
  let text = '';
  let rest = problems.length;
  for (const { line, count } of lines) {
    const room = count < rest ? max - ROOM : max;
    const isFirst = rest === problems.length;
    const more = isFirst ? shortened(line, room) : `${text}${separator}${line}`;
    if (!isFirst && more.length > room) break;
    text = more;
    rest -= count;
  }
  return withRest(text, rest, separator);
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
      return (items) => `not tried after ${problem.failed} failures${inBrackets(items)}`;
    case 'WrongScope':
      return (items) => `${noKey(items)}: ${wrongScope(problem)}`;
    case 'WrongPlace':
      return (items) => `${noKey(items)}: ${wrongPlace(problem)}`;
    case 'NoEnvelope':
      return (items) => `${noKey(items)}: the value is truncated or not a sealed value`;
    case 'NotAString':
      return (items) => `${noKey(items)}: the value is not a string`;
    case 'IllegalBase64':
      return (items) => `illegal base64 data at input byte ${problem.offset}${inBrackets(items)}`;
    case 'Template':
      return (items) => `${visible(problem.message)}${inBrackets(items)}`;
    case 'TemplatesSkipped':
      return () => `${problem.skipped} more templates were skipped after ${problem.failed} failures`;
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
    return 'sealed for another name, namespace or scope, or with an unknown key, or damaged';
  const { keys, compromised = 0, fingerprints, hint, editedScope } = known;
  const more = keys - fingerprints.length;
  const named = `${fingerprints.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const tried = keys === 0 ? 'no keys are available' : `tried ${keys} key${keys === 1 ? '' : 's'} (${named})`;
  const hinted =
    hint.length === 0 ? '' : `; its sealing-key annotation (unverified) names ${hint.join(', ')}`;
  const untried =
    compromised === 0
      ? ''
      : `; ${compromised} ${compromised === 1 ? 'key is' : 'keys are'} labelled compromised and not tried`;
  return `sealed for another name or namespace, or with an unknown key, or damaged: ${tried}${untried}${hinted}${putBack(editedScope)}`;
}

/** Returns what to revert. Strict ciphertexts are bound to name and namespace, namespace-wide ones to the namespace. */
function putBack(scope: string | undefined): string {
  switch (scope) {
    case 'strict':
      return '; if metadata.name or metadata.namespace was edited, restore the original';
    case 'namespace-wide':
      return '; if metadata.namespace was edited, restore the original';
    default:
      return '';
  }
}

function wrongScope({ sealedAs, scope }: WrongScope): string {
  const annotation = (name: string): string => `the annotation sealedsecrets.bitnami.com/${name}: "true"`;
  // Of both annotations, cluster-wide takes precedence.
  const take = scope === 'cluster-wide' || sealedAs === 'strict' ? [`remove ${annotation(scope)}`] : [];
  const give = sealedAs === 'strict' ? [] : [`add ${annotation(sealedAs)}`];
  const remedy = [...take, ...give].join(' and ');
  return `sealed with scope ${sealedAs}, but the SealedSecret has scope ${scope}: ${remedy}, or seal again`;
}

/** A cluster-wide item is never at a wrong place: it has the wrong scope. */
function wrongPlace({ sealedAs, name, namespace }: WrongPlace): string {
  const inNamespace = `in the namespace "${visible(namespace)}"`;
  return sealedAs === 'strict'
    ? `sealed for the name "${visible(name)}" ${inNamespace}; restore both in metadata`
    : `sealed for any name ${inNamespace}; restore it in metadata`;
}

/** Joins the sorted item names, as many as fit into `max` units, but at least one. */
export function listed(items: readonly string[], max: number): string {
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
