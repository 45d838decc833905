import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { parseManifests } from '../../../library/index.ts';
import { commandsUnder } from '../../support/guide.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { certificatePem } from '../../support/vectors.ts';
import { ExampleShell, recovered } from './example-shell.ts';
import { installExample } from './packed-package.ts';

const SEAL = commandsUnder('examples/library/cdk8s/README.md', 'Seal and synthesize').join('');
const AGAIN = commandsUnder('examples/library/cdk8s/README.md', 'Synthesize without the password').join('');
const PASSWORD = 'a-password-canary';

const folder = temporaryFolder();
const shell = new ExampleShell(folder.path);

function synthesized(): string {
  return readFileSync(join(folder.path, 'dist', 'shop.k8s.yaml'), 'utf8');
}

suite('the app of cdk8s that uses the library', () => {
  let first = '';

  before(async () => {
    await installExample(folder.path, 'cdk8s', ['cdk8s', 'constructs', '@types/node', 'undici-types']);
    folder.write('cert.pem', certificatePem('c2048'));
    folder.write('db-password', PASSWORD);
    const { stdout } = await shell.run(SEAL);
    assert.match(stdout, /unseals +only under the name "db" in the namespace "shop"/);
    first = synthesized();
  });

  test('emits a SealedSecret that the key opens, and a Pod that reads its Secret', async () => {
    const [sealed, pod, ...others] = parseManifests(first);
    assert.deepEqual([sealed?.kind, pod?.kind, others], ['SealedSecret', 'Pod', []]);
    assert.doesNotMatch(first, /canary/);
    const { data, metadata } = await recovered(JSON.stringify(sealed), 'c2048');
    assert.deepEqual(data, { password: Buffer.from(PASSWORD).toString('base64') });
    const { namespace } = metadata;
    assert.deepEqual([metadata.name, namespace], ['db', 'shop']);
    assert.match(JSON.stringify(pod), /"namespace":"shop".*"secretKeyRef":{"key":"password","name":"db"}/);
  });

  test('seals no empty password over the one that there is', async () => {
    await assert.rejects(shell.run('DB_PASSWORD="" node main.js'), /DB_PASSWORD is empty/);
  });

  test('emits the same without the password', async () => {
    await shell.run(AGAIN);
    assert.equal(synthesized(), first);
  });
});
