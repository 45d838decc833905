import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { tableUnder } from './table.ts';

const TABLES = ['## The approaches', '## This project and the reference'];

suite('docs/comparison.md', () => {
  for (const heading of TABLES) {
    for (const [what = '', ...cells] of tableUnder('docs/comparison.md', heading)) {
      test(`claims nothing without a link: ${what}`, () => {
        for (const cell of cells) {
          const words = cell.replaceAll(/\[(?:[^\][]|\[[^\]]*\])+\]\([^)]+\)/g, '');
          assert.match(words, /^(?:—|[\s,]*)$/, cell);
        }
      });
    }
  }
});
