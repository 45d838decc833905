import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { formatCast, parseCast } from '../../build/recording/cast.ts';
import { renderSvg } from '../../build/recording/svg.ts';
import { podAddress } from '../control-plane/network.ts';
import { DEMO_CAST, DEMO_SVG, recordDemo } from '../demo/recording.ts';

const stored = readFileSync(DEMO_CAST, 'utf8');

suite('the recording of the demo', () => {
  test('is the one that the SVG shows', () => {
    assert.equal(readFileSync(DEMO_SVG, 'utf8'), renderSvg(parseCast(stored)));
  });

  test(
    'is what the commands show',
    { skip: podAddress() === null && 'no address but loopback' },
    async () => {
      assert.equal(formatCast(await recordDemo()), stored, 'run npm run recording');
    },
  );
});
