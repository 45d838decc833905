import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { commandsUnder } from '../../support/guide.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { certificatePem } from '../../support/vectors.ts';
import { ExampleShell, recovered } from './example-shell.ts';
import { installExample } from './packed-package.ts';

const SEAL = commandsUnder('examples/library/script/README.md', 'Seal').join('');
const PASSWORD = 'a-password-canary';

const folder = temporaryFolder();
const shell = new ExampleShell(folder.path);

suite('the script that uses the library', () => {
  before(async () => {
    await installExample(folder.path, 'script');
    mkdirSync(join(folder.path, 'certificates'));
    folder.write('certificates/staging.pem', certificatePem('c2048'));
    folder.write('certificates/production.pem', certificatePem('a4096'));
    folder.write('db-password', PASSWORD);
  });

  test('seals for each cluster what its key opens', async () => {
    const { stdout } = await shell.run(SEAL);
    assert.match(
      stdout,
      /^staging\/db\.yaml: sealed for SHA256:.*\nproduction\/db\.yaml: sealed for SHA256:/,
    );
    assert.match(stdout, /unseals +only under the name "db" in the namespace "shop" \(scope strict\)/);
    assert.doesNotMatch(stdout, /canary/);
    for (const [file, key] of [
      ['staging/db.yaml', 'c2048'],
      ['production/db.yaml', 'a4096'],
    ] as const) {
      const sealed = readFileSync(join(folder.path, file));
      const { data, metadata, type } = await recovered(sealed, key);
      assert.deepEqual(data, { password: Buffer.from(PASSWORD).toString('base64') });
      assert.deepEqual([metadata.labels, type], [{ app: 'shop' }, 'Opaque']);
    }
  });
});
