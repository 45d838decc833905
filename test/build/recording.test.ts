import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { formatCast, parseCast } from '../../build/recording/cast.ts';
import { CAST_FILE, recordDaily, SVG_FILE } from '../../build/recording/daily.ts';
import { Screen } from '../../build/recording/screen.ts';
import { renderSvg } from '../../build/recording/svg.ts';

const stored = readFileSync(CAST_FILE, 'utf8');
const hasTools = ['script', 'git', 'bash'].every((tool) => spawnSync(tool, ['--version']).status === 0);

/** Returns what a screen of 10 columns and 3 rows shows. */
function shown(output: string): string[] {
  const screen = new Screen(10, 3);
  screen.write(output);
  return screen.rows().map((row) => row.map(({ text }) => text).join(''));
}

suite('the recording of the daily commands', () => {
  test('is the one that the SVG shows', () => {
    assert.equal(readFileSync(SVG_FILE, 'utf8'), renderSvg(parseCast(stored)));
    assert.equal(formatCast(parseCast(stored)), stored);
  });

  test('shows create, commit, set and diff, and no value', () => {
    const text = parseCast(stored)
      .events.map(({ output }) => output)
      .join('');
    assert.match(text, /\$ kubeseal create [^]*\$ git [^]* commit [^]*\$ kubeseal set [^]*\$ kubeseal diff /);
    assert.doesNotMatch(text, /horse|battery/);
  });

  test('is what the commands show', async (t) => {
    if (!hasTools) {
      assert.notEqual(process.env['CI'], 'true', 'bash, git and script are missing');
      t.skip('bash, git or script is missing');
      return;
    }
    assert.equal(formatCast(await recordDaily()), stored, 'run npm run recording');
  });
});

suite('the screen of a recording', () => {
  const table: [string, string[]][] = [
    ['a\r\nb', ['a', 'b', '']],
    ['abc\rx', ['xbc', '', '']],
    ['abc\b\bx', ['axc', '', '']],
    ['abc\r\x1b[Kx', ['x', '', '']],
    ['12345678901', ['1234567890', '1', '']],
    ['a\r\nb\r\nc\r\nd', ['b', 'c', 'd']],
    ['\x1b[?2004ha\x1b[31mb\x1b[0mc', ['abc', '', '']],
  ];
  for (const [output, rows] of table) {
    test(`shows ${JSON.stringify(output)}`, () => assert.deepEqual(shown(output), rows));
  }

  test('tells colours apart', () => {
    const screen = new Screen(10, 1);
    screen.write('a\x1b[31mbc\x1b[0md');
    assert.deepEqual(screen.rows(), [
      [
        { text: 'a', color: undefined },
        { text: 'bc', color: 31 },
        { text: 'd', color: undefined },
      ],
    ]);
  });

  for (const output of ['\x1b[2J', '\x07'])
    test(`refuses what it does not know: ${JSON.stringify(output)}`, () => {
      assert.throws(() => shown(output), /unknown/);
    });
});
