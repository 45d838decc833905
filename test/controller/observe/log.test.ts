import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createLog, type LogOptions } from '../../../controller/observe/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const TEXT: LogOptions = { logLevel: 'INFO', logFormat: 'text', logInfoStdout: true };

/** What is written where one line of each level is logged. */
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

const TIME = '2026-01-01T00:00:00.000Z';

suite('the log', () => {
  test('is text, with what is no warning and no error on stdout', () => {
    assert.deepEqual(logged({}, { object: 'SealedSecret a/b', keys: 2, none: undefined }), {
      stdout: `time=${TIME} level=INFO msg=made object="SealedSecret a/b" keys=2\n`,
      stderr:
        `time=${TIME} level=WARN msg=odd object="SealedSecret a/b" keys=2\n` +
        `time=${TIME} level=ERROR msg=bad object="SealedSecret a/b" keys=2\n`,
    });
  });

  test('is JSON where that is asked for', () => {
    const { stdout } = logged({ logFormat: 'json' }, { object: 'a/b' });
    assert.deepEqual(JSON.parse(stdout), { time: TIME, level: 'INFO', msg: 'made', object: 'a/b' });
  });

  test('goes to stderr as a whole where that is asked for', () => {
    const { stdout, stderr } = logged({ logInfoStdout: false });
    assert.equal(stdout, '');
    assert.equal(stderr.split('\n').length, 4);
  });

  test('has errors alone where that is asked for', () => {
    assert.deepEqual(logged({ logLevel: 'ERROR' }), {
      stdout: '',
      stderr: `time=${TIME} level=ERROR msg=bad\n`,
    });
  });

  test('keeps each line one line, whatever is in it', () => {
    for (const logFormat of ['text', 'json'] as const) {
      const { stdout } = logged({ logFormat }, { failure: 'one\ntwo "three"\u001b[31m level=ERROR' });
      assert.equal(stdout.trimEnd().split('\n').length, 1);
      assert.ok(!stdout.includes('\u001b'));
    }
  });
});
