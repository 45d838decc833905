import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { DIST } from '../../../build/package.ts';
import { createLog, type LogOptions } from '../../../controller/log/log.ts';
import { MAX_LOGGED } from '../../../shared/text.ts';
import { at } from '../../control-plane/admin-client.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { run } from '../../support/run.ts';

const TEXT: LogOptions = { logLevel: 'INFO', logFormat: 'text', logInfoStdout: true };

/** Logs one line of each level, and returns the output. */
function logged(options: Partial<LogOptions>, fields = {}): { stdout: string; stderr: string } {
  const written = { stdout: '', stderr: '' };
  const log = createLog({ ...TEXT, ...options }, new FakeClock(), {
    stdout: (line) => (written.stdout += line),
    stderr: (line) => (written.stderr += line),
  });
  log.info('made', fields);
  log.warn('odd', fields);
  log.error('bad', fields);
  return written;
}

/** Clears a terminal, changes its colours and title, reverses text, ends the line and forges the next one. */
const HOSTILE =
  'a\n\r\u0085\u2028\u2029time=x level=ERROR msg=forged\u001b[2J\u001b]0;x\u0007\u009b31m\u202e\u2066\u200b\u{e0001}"\\\ud800';

/** The imports of a script that logs as the controller does. */
const IMPORTS =
  `import { createLog, processStreams } from ${module('controller/log/log.js')};` +
  `import { systemClock } from ${module('shared/clock.js')};`;

const TIME = '2026-01-01T00:00:00.000Z';

suite('the log', () => {
  test('is text, with INFO lines on stdout', () => {
    assert.deepEqual(logged({}, { object: 'SealedSecret a/b', keys: 2, none: undefined }), {
      stdout: `time=${TIME} level=INFO msg=made object="SealedSecret a/b" keys=2\n`,
      stderr:
        `time=${TIME} level=WARN msg=odd object="SealedSecret a/b" keys=2\n` +
        `time=${TIME} level=ERROR msg=bad object="SealedSecret a/b" keys=2\n`,
    });
  });

  test('is JSON in the format json', () => {
    const { stdout } = logged({ logFormat: 'json' }, { object: 'a/b' });
    assert.deepEqual(JSON.parse(stdout), { time: TIME, level: 'INFO', msg: 'made', object: 'a/b' });
  });

  test('goes to stderr alone if INFO lines are not for stdout', () => {
    const { stdout, stderr } = logged({ logInfoStdout: false });
    assert.equal(stdout, '');
    assert.equal(stderr.split('\n').length, 4);
  });

  test('has only errors at level ERROR', () => {
    assert.deepEqual(logged({ logLevel: 'ERROR' }), {
      stdout: '',
      stderr: `time=${TIME} level=ERROR msg=bad\n`,
    });
  });

  test('keeps the field order of slog in JSON', () => {
    const { stdout } = logged(
      { logFormat: 'json' },
      { object: 'a/b', keys: 2, whole: true, none: undefined },
    );
    assert.equal(
      stdout,
      `{"time":"${TIME}","level":"INFO","msg":"made","object":"a/b","keys":2,"whole":true}\n`,
    );
  });

  for (const logFormat of ['text', 'json'] as const) {
    test(`is one line of printable characters for each message, whatever is in it, as ${logFormat}`, () => {
      const { stdout, stderr } = logged({ logFormat }, { object: HOSTILE, failure: HOSTILE.repeat(20) });
      const lines = (stdout + stderr).split('\n');
      assert.equal(lines.length, 4);
      for (const line of lines) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    });
  }

  for (const logFormat of ['text', 'json'] as const) {
    test(`is of bounded length, whatever is in it, as ${logFormat}`, () => {
      const long = '"\n😀'.repeat(1_000_000);
      const { stdout, stderr } = logged(
        { logFormat },
        { object: 'a/b', selector: long, failure: long, keys: 2 },
      );
      for (const line of (stdout + stderr).trimEnd().split('\n')) {
        assert.match(line, /a\/b.*…/);
        assert.match(line, /keys["=:]+2/);
        assert.ok(line.length < 8 * MAX_LOGGED, String(line.length));
      }
    });
  }

  test('preserves every logged character in JSON', () => {
    const { stdout } = logged({ logFormat: 'json' }, { object: HOSTILE });
    assert.equal(at(JSON.parse(stdout), 'object'), HOSTILE);
  });

  test('lets no value forge a field in text', () => {
    const { stdout } = logged({}, { object: 'x level=ERROR msg="all is lost"', secret: 'a"b', item: '' });
    assert.equal(
      stdout,
      `time=${TIME} level=INFO msg=made object="x level=ERROR msg=\\"all is lost\\"" secret="a\\"b" item=""\n`,
    );
  });

  for (const ending of ['process.exit(1)', 'process.abort()', "process.kill(process.pid, 'SIGKILL')"]) {
    test(`loses no line when the process ends with ${ending}`, async () => {
      const script =
        `${IMPORTS} const log = createLog(${JSON.stringify(TEXT)}, systemClock, processStreams);` +
        `for (let i = 0; i < 3000; i++) { log.info('line', { i }); log.error('line', { i }); } ${ending};`;
      const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', script]);
      const last = [stdout, stderr].map(
        (text) => text.match(/^time=\S+ level=\S+ msg=line i=\d+$/gm)?.length,
      );
      assert.deepEqual(last, [3000, 3000]);
    });
  }
});

const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

for (const logFormat of ['text', 'json'] as const) {
  test(`a terminal shows log lines as ${logFormat}, and interprets nothing in them`, async (t) => {
    if (!hasScript) {
      assert.notEqual(
        process.env['CI'],
        'true',
        'the command "script", which provides a terminal, is not installed',
      );
      t.skip('the command "script" is not installed');
      return;
    }
    const script =
      `${IMPORTS} const log = createLog(${JSON.stringify({ ...TEXT, logFormat })}, systemClock, processStreams);` +
      `log.info('line', { object: ${JSON.stringify(HOSTILE)} }); log.error('line', { object: process.argv[1] });`;
    const words = [process.execPath, '--input-type=module', '--eval', script, HOSTILE];
    const command = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
    const { stdout } = await run('script', ['-qec', command, '/dev/null']);
    const lines = stdout.split('\r\n');
    assert.equal(lines.length, 3);
    for (const line of lines) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
}

test('a log with a closed reader does not stop the process', async () => {
  const script =
    `${IMPORTS} const log = createLog(${JSON.stringify(TEXT)}, systemClock, processStreams);` +
    `for (let i = 0; i < 3000; i++) log.info('line', { i }); process.stderr.write('went on');`;
  const args = ['--input-type=module', '--eval', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.deepEqual([code, stderr], [0, 'went on']);
});

function module(path: string): string {
  return JSON.stringify(pathToFileURL(join(DIST, path)).href);
}
