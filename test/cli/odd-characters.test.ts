import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const key = folder.write('key.pem', keyPem('c2048'));
/** A mark that turns text around, a C1 control, DEL, a byte order mark, half of a surrogate pair and a tab. */
const ODD = 'a\u202eb\u009bc\u007fd\ufeffe\ud800f\tg';
const ESCAPED = String.raw`a\u202eb\u009bc\u007fd\ufeffe`;
const SECRET = JSON.stringify({
  metadata: { name: 'db', namespace: 'prod', annotations: { [ODD]: ODD }, labels: { tab: 'x\ty' } },
  stringData: { password: 'hunter2' },
});
const odd = folder.write('odd.json', SECRET);

/** Seals the Secret, and returns the text. */
async function sealed(format: string): Promise<string> {
  const { code, stdout, stderr } = await kubeseal(['--cert', cert, '-o', format, '-f', odd]);
  assert.deepEqual([code, stderr], [0, '']);
  return stdout;
}

function checkEscaped(text: string): void {
  assert.match(text, /^[\n\x20-\x7e\ufffd]*$/);
  assert.equal(text.split(ESCAPED).length, 3, 'the key and the value');
}

suite('characters that readers disagree on are escaped', () => {
  for (const format of ['json', 'yaml']) {
    test(`when a Secret is sealed as ${format}`, async () => {
      const text = await sealed(format);
      checkEscaped(text);
      assert.ok(text.includes(String.raw`"x\ty"`));
    });

    test(`when a SealedSecret is recovered as ${format}`, async () => {
      const args = ['--recovery-unseal', '--private-key', key, '-o', format];
      const { code, stdout } = await kubeseal(args, { stdin: await sealed('json') });
      assert.equal(code, 0);
      checkEscaped(stdout);
    });

    test(`when a Secret is merged into a ${format} file, whose other bytes stay`, async () => {
      const stdin = SECRET.replace(/"annotations":.*?\},"labels":.*?\}/, '"labels":{}');
      const before = (await kubeseal(['--cert', cert, '-o', format], { stdin })).stdout;
      const target = folder.write(`target.${format}`, before);
      const ran = await kubeseal(['--cert', cert, '-f', odd, '--merge-into', target]);
      assert.equal(ran.code, 0, ran.stderr);
      checkEscaped(readFileSync(target, 'utf8'));
    });
  }

  for (const [from, to] of [
    ['json', 'yaml'],
    ['yaml', 'json'],
  ] as const) {
    test(`when a file is re-encrypted from ${from} to ${to}`, async () => {
      // The file holds the characters as they are, as other writers leave them.
      const raw = (await sealed('json'))
        .replaceAll(ESCAPED, JSON.parse(`"${ESCAPED}"`) as string)
        .replaceAll('\ufffd', '\\ud800');
      const document =
        from === 'json'
          ? raw
          : `# YAML\n${raw.replaceAll('\\ud800', '\ufffd').replaceAll('\ufeff', '\\ufeff')}`;
      const file = folder.write(`raw.${from}`, document);
      const args = ['--re-encrypt', '--private-key', key, '--cert', cert, '-f', file];
      const output = `${folder.path}/re-encrypted.${to}`;
      const ran = await kubeseal([...args, '-o', to, '-w', output]);
      assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' });
      const text = readFileSync(output, 'utf8');
      // The annotation stands in the template.
      checkEscaped(text);
      assert.equal((await kubeseal(args)).code, 0);
      assert.match(readFileSync(file, 'utf8'), /\u202e/, 'bytes that no edit names stay as they were');
    });
  }
});

test('--fetch-cert prints the certificate alone, without what OpenSSL skips', async () => {
  const pem = certificatePem('c2048');
  for (const odd of ['\u001b', '\u001b\u0007\u009b', '\r'])
    for (const line of [0, 1]) {
      const lines = pem.split('\n').map((text, index) => (index === line ? text + odd : text));
      const file = folder.write('odd.pem', Buffer.from(lines.join('\n'), 'latin1'));
      const ran = await kubeseal(['--fetch-cert', '--cert', file]);
      assert.deepEqual(ran, { code: 0, stdout: pem, stderr: '' });
    }
});
