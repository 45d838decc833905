/**
 * Writes the generated parts of the chart: the CRD, from `crds/`; its version, from the package's; the table of
 * values in its README, from the comments in `values.yaml`; the names of all values, because templates cannot read
 * the schema; and the dashboard.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { load } from 'js-yaml';
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';
import { Reader } from '../shared/api/reader.ts';
import { dashboard } from './dashboard/grafana.ts';
import { CHART } from './helm.ts';
import { knownValues } from './known-values.ts';
import { PACKAGE, readJson } from './package.ts';

const CRD = join('crds', 'sealedsecrets.bitnami.com.yaml');
const [BEGIN, END] = ['<!-- values: begin -->', '<!-- values: end -->'];

/** Returns the generated texts, by their files in the chart. */
export async function chartFiles(): Promise<ReadonlyMap<string, string>> {
  const read = (name: string): string => readFileSync(join(CHART, name), 'utf8');
  const version = readJson('package.json').requiredString('version');
  const readme = join(CHART, 'README.md');
  const board = join('dashboards', 'sealed-secrets.json');
  const formatted = async (text: string, file: string): Promise<string> =>
    format(text, { ...(await resolveConfig(file)), filepath: file });
  const [before = '', after = ''] = read('README.md').split(new RegExp(`${BEGIN}[^]*${END}`));
  const text = `${before}${BEGIN}\n\n${valuesTable(read('values.yaml'))}\n${END}${after}`;
  const schema = readJson('helm', 'sealed-secrets', 'values.schema.json');
  const defaults = new Reader(load(read('values.yaml')), { source: 'values.yaml' });
  return new Map([
    ['known-values.json', `${JSON.stringify(knownValues(schema, defaults), null, 2)}\n`],
    [CRD, readFileSync(join(PACKAGE, CRD), 'utf8')],
    ['Chart.yaml', read('Chart.yaml').replaceAll(/^(version|appVersion): .*$/gm, `$1: ${version}`)],
    ['README.md', await formatted(text, readme)],
    [board, await formatted(JSON.stringify(dashboard(), null, 2), join(CHART, board))],
  ]);
}

/** Returns the values with their comments as a Markdown table. Throws if a value has no comment. */
export function valuesTable(text: string): string {
  const document = parseDocument(text);
  if (!isMap(document.contents)) throw new Error('the values are no map');
  const rows = rowsOf(document.contents, '', undefined).map(
    ({ name, comment, value }) => `| \`${name}\` | ${comment} | \`${value}\` |\n`,
  );
  return `| value | description | default |\n| --- | --- | --- |\n${rows.join('')}`;
}

interface Row {
  readonly name: string;
  readonly comment: string;
  readonly value: string;
}

/**
 * Collects the rows of a map. A comment before the map's first entry belongs to the map. A blank line ends a comment
 * that belongs to no entry.
 */
function rowsOf(map: YAMLMap, prefix: string, first: string | null | undefined): Row[] {
  return map.items.flatMap(({ key, value }, index) => {
    if (!isScalar(key)) throw new Error(`a key under "${prefix}" is no text`);
    const name = `${prefix}${String(key.value)}`;
    const before = key.commentBefore ?? (index === 0 ? (first ?? map.commentBefore) : undefined);
    const comment = before
      ?.split(/\n\s*\n/)
      .at(-1)
      ?.trim()
      .replaceAll(/\s*\n\s*/g, ' ');
    if (comment) return [{ name, comment, value: JSON.stringify(value) }];
    if (isMap(value) && value.items.length > 0) return rowsOf(value, `${name}.`, value.commentBefore);
    throw new Error(`${name} has no comment`);
  });
}

if (process.argv[1] === import.meta.filename) {
  for (const [name, text] of await chartFiles()) writeFileSync(join(CHART, name), text);
}
