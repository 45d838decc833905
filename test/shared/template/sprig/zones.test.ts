import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { loadZone } from '../../../../shared/template/sprig/zones.ts';
import { buildOracle, oracleZones } from '../oracle.ts';

/** The zone data of Node and Go may be of different editions, which differ mostly in recent years. */
const SETTLED = Date.UTC(2023, 0, 1) / 1000;
/** How many of almost 600 zones may still differ: an edition adds or corrects a few. */
const MAX_DIFFERENT = 12;

suite('time zones', () => {
  test('are those of Go, offset, name and summer time, since 1970, but for a few of another edition', async (t) => {
    const built = await buildOracle().catch(() => null);
    if (built === null) return t.skip('needs Go and its modules');
    const spans = (await oracleZones()).filter(({ from }) => from < SETTLED);
    assert.ok(spans.length > 10_000);
    const different = spans.filter(({ zone, from, offset, abbreviation, summer }) => {
      const ours = loadZone(zone)?.at(BigInt(from));
      return !isDeepStrictEqual(ours, { offset, abbreviation, summer });
    });
    const zones = new Set(different.map(({ zone }) => zone));
    assert.ok(zones.size <= MAX_DIFFERENT, [...zones].join(', '));
  });

  for (const name of ['Nowhere', '../etc/passwd', 'europe/prague', 'constructor', ' UTC']) {
    test(`${name} is none`, () => assert.equal(loadZone(name), null));
  }
});
