/** Renews `shared/template/sprig/zone-table.ts` from the zone data of this machine's Go. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE } from '../../support/package.ts';
import { buildOracle, oracleZones, type ZoneSpan } from './oracle.ts';

const HEADER = `/**
 * What Go calls the times of each zone since 1970, from the IANA zone data: the names of offsets, as zones.ts reads
 * them, and the zones that share them. Made by \`npm run zones\`.
 */
export const ZONES: readonly (readonly [namings: string, zones: string])[] = [
`;

/** How an offset without a name of its own is called: see zones.ts. */
function numericName(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  const digits = String(Math.floor(minutes / 60) * 100 + (minutes % 60)).padStart(4, '0');
  return (offset < 0 ? '-' : '+') + digits.replace(/00$/, '');
}

function namings(spans: readonly ZoneSpan[]): string {
  const known = new Map<number, string>();
  const out: string[] = [];
  for (const { from, offset, abbreviation, summer } of spans) {
    const name = `${abbreviation}${summer ? '*' : ''}`;
    const before = known.get(offset);
    known.set(offset, name);
    if (name === (before ?? numericName(offset))) continue;
    out.push(`${before === undefined ? '' : `${from.toString(36)}@`}${offset / 60}${name}`);
  }
  return out.join(' ');
}

await buildOracle();
const zones = new Map<string, ZoneSpan[]>();
for (const span of await oracleZones()) zones.set(span.zone, [...(zones.get(span.zone) ?? []), span]);
const shared = new Map<string, string[]>();
for (const [zone, spans] of zones) {
  const names = namings(spans);
  shared.set(names, [...(shared.get(names) ?? []), zone]);
}
const rows = [...shared].map(([names, of]) => `  ['${names}', '${of.join(' ')}'],\n`);
writeFileSync(join(PACKAGE, 'shared', 'template', 'sprig', 'zone-table.ts'), `${HEADER}${rows.join('')}];\n`);
