import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { DIST } from '../../../build/package.ts';
import { tableUnder } from '../../docs/table.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const ENTRY = join(DIST, 'lib', 'browser.js');
const folder = temporaryFolder();

/** Returns the size of what a bundler makes of a page that uses some functions, in bytes: minified, and compressed. */
async function sizes(functions: string): Promise<readonly [number, number]> {
  const what = functions === 'everything' ? '*' : `{ ${functions} }`;
  const input = folder.write('page.js', `export ${what} from ${JSON.stringify(ENTRY)};`);
  const bundle = await rolldown({ input, platform: 'browser' });
  try {
    const { output } = await bundle.generate({ format: 'esm', minify: true, comments: false });
    const texts = output.map((file) => (file.type === 'chunk' ? file.code : ''));
    return [sum(texts.map(({ length }) => length)), sum(texts.map((text) => gzipSync(text).length))];
  } finally {
    await bundle.close();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** A figure in the document is an upper bound, in KB of 1,000 bytes, and not more than a fifth too high. */
function isStated(bytes: number, figure: string): void {
  const [, kilobytes = ''] = /^(\d+) KB$/.exec(figure) ?? [];
  const stated = Number(kilobytes) * 1000;
  assert.ok(bytes <= stated && bytes >= stated * 0.8, `${bytes} bytes, and the document says ${figure}`);
}

suite('the sizes in docs/library.md', () => {
  const rows = tableUnder('docs/library.md', '## In a browser');
  assert.ok(rows.length >= 3);
  for (const [functions = '', minified = '', compressed = ''] of rows) {
    test(`are those of a bundle: ${functions}`, async () => {
      const [size, small] = await sizes(functions.replaceAll('`', ''));
      isStated(size, minified);
      isStated(small, compressed);
    });
  }
});
