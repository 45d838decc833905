import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { comparable, sortedItems, withoutCiphertexts } from '../support/comparable.ts';
import { kubeseal, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { CASES, certificatePem, keyPem } from '../support/vectors.ts';

const folder = temporaryFolder();

function recover(sealed: object, keys: readonly string[]): Promise<Ran> {
  const files = keys.map((name) => folder.write(`${name}.key`, keyPem(name)));
  const args = ['--recovery-unseal', '--recovery-private-key', files.join(',')];
  return kubeseal(args, { stdin: JSON.stringify(sealed) });
}

/** What was printed, with no word beside it but the one about the scope. */
function json({ code, stdout, stderr }: Ran): object {
  assert.match(stderr, stdout.includes('cluster-wide') ? /^(\(<stdin>: cluster-wide: [^\n]*\)\n)?$/ : /^$/);
  assert.equal(code, 0);
  return JSON.parse(stdout) as object;
}

suite('kubeseal on what the reference has sealed', () => {
  for (const { name, sealedSecret, keys, recovered, error } of CASES) {
    test(name, async () => {
      const ran = await recover(sealedSecret, keys);
      if (name === 'deprecated-v1-data') {
        // The reference's controller takes it, and its command line does not.
        assert.deepEqual(json(ran), {
          kind: 'Secret',
          apiVersion: 'v1',
          metadata: { name: 'v1', namespace: 'prod', labels: { l: '1' } },
          type: 'Opaque',
          data: { k: Buffer.from('old').toString('base64') },
        });
      } else if (recovered) {
        assert.deepEqual(comparable(json(ran)), comparable(recovered));
      } else {
        const words = sortedItems(error ?? '');
        assert.equal(ran.stderr.slice(0, words.length), words);
        assert.equal(ran.stdout, '');
        assert.equal(ran.code, 1);
      }
    });
  }
});

suite('kubeseal on what the reference seals', () => {
  for (const { name, source, sealedSecret, keys, recovered } of CASES) {
    if (!source) continue;
    test(name, async () => {
      const cert = folder.write(`${source.key}.pem`, certificatePem(source.key));
      const stdin = JSON.stringify(source.secret);
      const sealed = json(await kubeseal(['--cert', cert, ...source.args], { stdin }));
      const { encryptedData: items, ...rest } = withoutCiphertexts(sealed);
      const { encryptedData: wantedItems, ...wanted } = withoutCiphertexts(sealedSecret);
      assert.deepEqual([rest, items.sort()], [wanted, wantedItems.sort()]);
      assert.deepEqual(comparable(json(await recover(sealed, keys))), comparable(recovered ?? {}));
    });
  }
});
