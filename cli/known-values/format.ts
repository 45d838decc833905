import { base64Text, concatBytes, isUtf8, utf8Text } from '../../shared/bytes.ts';
import { formatJson } from '../../shared/manifest/escape.ts';
import { formatYaml } from '../../shared/manifest/yaml-write.ts';
import { fail } from '../errors.ts';
import { shellWord } from '../flags/shell-word.ts';

/** The formats of `get`. */
export const VALUE_FORMATS = ['yaml', 'json', 'env', 'raw'] as const;
/** A format of `get`. */
export type ValueFormat = (typeof VALUE_FORMATS)[number];

const BASE64_COLUMNS = 76;

/**
 * Formats items and their values: a map of texts in YAML or JSON, or assignments that a shell can read. A value that is
 * not text is base64: `!!binary` in YAML, `{"base64": …}` in JSON. Throws `NotAVariable` and `NotText` for what a shell
 * cannot hold.
 *
 * @param at the place of the items, for errors
 */
export function formatValues(
  values: ReadonlyMap<string, Uint8Array>,
  format: Exclude<ValueFormat, 'raw'>,
  at: string,
): string {
  if (format === 'yaml') return values.size === 0 ? '{}\n' : [...values].map(yamlEntry).join('');
  if (format === 'json') return `${formatJson(Object.fromEntries([...values].map(jsonEntry)), 2)}\n`;
  const odd = [...values.keys()].filter((item) => !VARIABLE.test(item));
  if (odd.length > 0) fail({ code: 'NotAVariable', at, items: odd });
  return [...values]
    .map(([item, value]) => `${item}=${shellWord(textOf(value) ?? fail({ code: 'NotText', at, item }))}\n`)
    .join('');
}

/** A name that POSIX shells assign to (https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap03.html). */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Formats one item as an entry of a YAML map, with a line break at the end. */
export function yamlEntry([item, value]: readonly [string, Uint8Array]): string {
  const text = textOf(value);
  return text === undefined ? binaryEntry(item, value) : formatYaml({ [item]: text });
}

/** Formats an item whose value is base64 in YAML. */
export function binaryEntry(item: string, value: Uint8Array): string {
  const lines = base64Text(value).match(new RegExp(`.{1,${BASE64_COLUMNS}}`, 'g')) ?? [];
  const key = formatYaml({ [item]: '' }).replace(/""\n$/, '');
  const [only = '""'] = lines;
  if (lines.length < 2) return `${key}!!binary ${only}\n`;
  return `${key}!!binary |\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function jsonEntry([item, value]: readonly [string, Uint8Array]): [string, unknown] {
  return [item, textOf(value) ?? { base64: base64Text(value) }];
}

/** Characters that text has besides printable ones. */
const CONTROL = /[^\P{Cc}\t\n\r]/u;

/** Returns a value as text; undefined if it is not UTF-8 or holds control characters besides tabs and line breaks. */
export function textOf(value: Uint8Array): string | undefined {
  if (!isUtf8(value)) return undefined;
  const text = utf8Text(value);
  return CONTROL.test(text) ? undefined : text;
}

/**
 * Returns the only value as it is. On a terminal, ends it with a line break, and throws `NotText` for what could control
 * the terminal.
 *
 * @param at the place of the items, for errors
 */
export function rawValue(
  values: ReadonlyMap<string, Uint8Array>,
  { at, terminal }: { readonly at: string; readonly terminal: boolean },
): Uint8Array {
  const [item = '', value = new Uint8Array()] = [...values][0] ?? [];
  if (!terminal) return value;
  if (textOf(value) === undefined) fail({ code: 'NotText', at, item });
  return value.at(-1) === NEWLINE ? value : concatBytes([value, Uint8Array.of(NEWLINE)]);
}

const NEWLINE = 0x0a;
