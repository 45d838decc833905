import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readFileBytes } from '../../../cli/io/input.ts';

test('A file of any length is read whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeseal-input-'));
  try {
    const file = join(folder, 'file');
    for (const length of [0, 1, 4095, 4096, 65_535, 65_536, 65_537, 300_000]) {
      const bytes = randomBytes(length);
      writeFileSync(file, bytes);
      assert.deepEqual(await readFileBytes(file), bytes);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

// Such files have the size 0, and a list of symbols does not fit into one buffer.
const SYMBOLS = '/proc/kallsyms';

test('A file whose size is unknown is read whole', { skip: !existsSync(SYMBOLS) }, async () => {
  // The kernel adds symbols at the end.
  const [read, expected] = [await readFileBytes(SYMBOLS), readFileSync(SYMBOLS)];
  assert.deepEqual(read.subarray(0, 300_000), expected.subarray(0, 300_000));
});
