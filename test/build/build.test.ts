import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { bundleKubeseal } from '../../build/bundle.ts';
import { compileKubeseal } from '../../build/compile.ts';
import { noticesFor } from '../../build/notices.ts';
import { NODE_DIR, NODE_ENTRY } from '../../build/package.ts';
import { binaryPath, thisMachine } from '../../build/targets.ts';
import { KUBESEAL } from '../support/program.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';

const folder = temporaryFolder();
const [program] = KUBESEAL;

if (program === process.execPath) {
  suite('the bundle for Node', () => {
    test('is the same whenever it is built, and its notices too', async () => {
      const again = join(folder.path, 'again');
      const modules = await bundleKubeseal(again);
      folder.write('again/THIRD-PARTY-NOTICES.txt', noticesFor(modules));
      assert.deepEqual(readdirSync(again), readdirSync(NODE_DIR));
      for (const name of readdirSync(again)) {
        assert.ok(readFileSync(join(again, name)).equals(readFileSync(join(NODE_DIR, name))), name);
      }
    });

    test('reads one file and the helpers of the bundler, and no code for TLS or HTTP, to seal with a certificate that is there', async () => {
      const spy = folder.write(
        'spy.cjs',
        `process.on('exit', () => console.error(JSON.stringify([Object.keys(require.cache), process.moduleLoadList])));`,
      );
      const cert = folder.write('cert.pem', certificatePem('c2048'));
      const stdin = '{"metadata": {"name": "db", "namespace": "prod"}, "stringData": {"a": "b"}}';
      const secret = folder.write('secret.json', stdin);
      const ran = await run(program, ['-r', spy, NODE_ENTRY, '--cert', cert, '-f', secret]);
      assert.equal(ran.code, 0);
      const [files, builtIn] = JSON.parse(ran.stderr) as [string[], string[]];
      assert.deepEqual(files, [spy, NODE_ENTRY, join(NODE_DIR, 'rolldown-runtime.cjs')]);
      assert.deepEqual(
        builtIn.filter((name) => /^NativeModule (http|https|tls|child_process|dgram)$/.test(name)),
        [],
      );
    });

    test('comes with the licences of what is in it', () => {
      const notices = readFileSync(join(NODE_DIR, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
      assert.match(notices, /^js-yaml \d+\.\d+\.\d+ \(MIT\)\n\n\(The MIT License\)\n\nCopyright/m);
      // jsonpath-plus contains it.
      assert.match(notices, /^jsep \d+\.\d+\.\d+ \(MIT\)\n\n/m);
    });
  });
} else {
  test('the single file is the same whenever it is built', async () => {
    const again = join(folder.path, 'kubeseal');
    await compileKubeseal(thisMachine(), () => undefined, again);
    assert.ok(readFileSync(again).equals(readFileSync(binaryPath(thisMachine()))));
  });
}
