import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { loadZone } from '../../../../shared/template/sprig/zones.ts';
import { buildOracle, oracleZones } from '../oracle.ts';

/** Node's zone data may be of another edition than Go's: what has long been does not change. */
const SETTLED = Date.UTC(2023, 0, 1) / 1000;

suite('time zones', () => {
  test('are those of Go, offset, name and summer time, since 1970', async (t) => {
    const built = await buildOracle().catch(() => null);
    if (built === null) return t.skip('needs Go and its modules');
    const spans = (await oracleZones()).filter(({ from }) => from < SETTLED);
    assert.ok(spans.length > 10_000);
    for (const { zone, from, offset, abbreviation, summer } of spans) {
      const ours = loadZone(zone)?.at(BigInt(from));
      assert.deepEqual(ours, { offset, abbreviation, summer }, `${zone} at ${from}`);
    }
  });

  for (const name of ['Nowhere', '../etc/passwd', 'europe/prague', 'constructor', ' UTC']) {
    test(`${name} is none`, () => assert.equal(loadZone(name), null));
  }
});
