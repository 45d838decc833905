import { counted, visible } from '../../shared/text.ts';
import type {
  ExplainedCertificate,
  ExplainedField,
  ExplainedItem,
  Explanation,
} from '../../shared/inspect/explanation.ts';
import { inBytes } from './item.ts';
import { placeWords, titleOf } from './place.ts';

/** A name and what is said about it. */
type Row = readonly [string, string];

/** Returns an explanation as lines for people, each with a line break. */
export function explanationText(explanation: Explanation): string {
  const { name, namespace, unseals, type, immutable, template, notes, items, data } = explanation;
  const rows: Row[] = [
    ['unseals', placeWords(unseals)],
    ['type', visible(type) + (immutable ? ', immutable' : '')],
    ...keyRows(explanation),
    ...notes.map((note): Row => ['note', note]),
  ];
  const fields = [
    ...pairs('label', template.labels),
    ...pairs('annotation', template.annotations),
    ...template.data.map((field): Row => [field.name, fieldWords(field)]),
  ];
  const lines = [
    `SealedSecret ${titleOf({ name, namespace })}`,
    ...aligned(rows, '  '),
    ...section(
      'items',
      items.map((item): Row => [item.name, itemWords(item)]),
    ),
    ...(data === undefined ? [] : section('spec.data, the deprecated form', [['data', itemWords(data)]])),
    ...section('template', fields),
    ...explanation.certificates.flatMap(certificateLines),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function keyRows({ hintedKeys }: Explanation): Row[] {
  return hintedKeys.map(({ fingerprint, certificate }) => {
    const age =
      certificate === null
        ? ''
        : `, valid from ${certificate.validFrom}, ${ageWords(certificate.ageInDays)} (${visible(certificate.from)})`;
    return ['sealing key', `${fingerprint}${age}; so says its annotation, which proves nothing`];
  });
}

function ageWords(days: number): string {
  if (days < 0) return 'in the future';
  return `${counted(days, 'day')} old`;
}

function itemWords(item: ExplainedItem): string {
  const words =
    'problem' in item
      ? `malformed: ${item.problem}`
      : `${inBytes(item.length)}, sealed for a key of ${item.keyBits} bits`;
  return words + (item.leftOut ? '; the template leaves it out of the Secret' : '');
}

function fieldWords(field: ExplainedField): string {
  if ('problem' in field) return `malformed: ${visible(field.problem)}`;
  if (field.usesAll) return 'template, uses all items';
  if (field.uses.length === 0) return 'template, uses no item';
  const uses = field.uses.map((item) => visible(item) + (field.missing.includes(item) ? ' (missing)' : ''));
  return `template, uses ${uses.join(', ')}`;
}

function certificateLines(certificate: ExplainedCertificate): string[] {
  const { from, fingerprint, keyBits, validFrom, ageInDays, cannotHaveSealed, mayHaveSealed } = certificate;
  const cannot = cannotHaveSealed.map(({ item, because }) => {
    const words = because === 'size' ? 'its key has another size' : 'its number is too large for the key';
    return `${visible(item)} (${words})`;
  });
  return [
    `  certificate ${visible(from)}: ${fingerprint}, ${keyBits} bits, valid from ${validFrom}, ${ageWords(ageInDays)}`,
    ...(cannot.length > 0 ? [`    cannot have sealed ${cannot.join(', ')}`] : []),
    ...(mayHaveSealed.length > 0 ? [`    may have sealed ${mayHaveSealed.map(visible).join(', ')}`] : []),
  ];
}

function pairs(what: string, entries: Readonly<Record<string, string>>): Row[] {
  return Object.entries(entries).map(([name, value]) => [what, `${visible(name)}=${visible(value)}`]);
}

function section(title: string, rows: readonly Row[]): string[] {
  return rows.length === 0 ? [] : [`  ${title}`, ...aligned(rows, '    ')];
}

/** The widest column of names that others are aligned with. */
const MAX_WIDTH = 32;

function aligned(rows: readonly Row[], indent: string): string[] {
  const names = rows.map(([name]) => visible(name));
  const width = Math.min(MAX_WIDTH, Math.max(...names.map(({ length }) => length)));
  return rows.map(([, words], at) => `${indent}${(names[at] ?? '').padEnd(width)}  ${words}`);
}
