import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { tooLarge } from '../../../cli/lint/rules/too-large.ts';
import { MAX_SECRET_SIZE } from '../../../shared/seal/secret-size.ts';
import { linesFor, sealedYaml } from './rule-on.ts';

/** Returns what has the form of a sealed value of this many bytes. */
function sealedBytes(length: number): string {
  return Buffer.concat([Buffer.from([0, 1, 1]), Buffer.alloc(length + 16)]).toString('base64');
}

suite('S015 on the size of a SealedSecret', () => {
  test('accepts values of 1 MiB, and reports one byte more', async () => {
    const accepted = sealedYaml({ spec: [`encryptedData: { dump: ${sealedBytes(MAX_SECRET_SIZE)} }`] });
    assert.deepEqual(await linesFor(tooLarge, accepted), []);
    const half = sealedBytes(MAX_SECRET_SIZE / 2);
    const more = sealedYaml({ spec: [`encryptedData: { a: ${half}, b: ${half}, c: ${sealedBytes(1)} }`] });
    assert.deepEqual(await linesFor(tooLarge, more), [
      'S015 error spec.encryptedData: the Secret will hold 1.01 MiB of data, and Kubernetes allows at most 1 MiB',
    ]);
  });

  test('does not count items that the template leaves out', async () => {
    const spec = [
      `encryptedData: { dump: ${sealedBytes(MAX_SECRET_SIZE + 1)} }`,
      'template: { data: { dump: null } }',
    ];
    assert.deepEqual(await linesFor(tooLarge, sealedYaml({ spec })), []);
  });

  test('reports an object that etcd refuses', async () => {
    const spec = ['encryptedData: {}', `template: { data: { page: ${'x'.repeat(1.5 * 1024 * 1024)} } }`];
    assert.deepEqual(await linesFor(tooLarge, sealedYaml({ spec })), [
      'S015 error .: the SealedSecret has 1.51 MiB, and etcd accepts at most 1.5 MiB',
    ]);
  });
});
