import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { certificateOf, DAY, rsa } from '../../support/keys.ts';
import { kubeseal } from '../../support/run.ts';
import { treeOf } from '../tree.ts';

const SOON = await certificateOf(rsa(), { notBefore: new Date(Date.now() - 90 * DAY), validity: 95 * DAY });
const FILES = {
  '.git/HEAD': '',
  '.kubeseal.yaml':
    'clusters:\n  prod: {certificate: certs/prod.pem, paths: [prod/]}\n  dev: {certificate: dev.pem, paths: [dev/]}\n',
  'certs/prod.pem': SOON,
  'dev.pem': SOON,
  'prod/db.yaml': 'kind: ConfigMap\n',
};

suite('S012 is about the certificate', () => {
  for (const [what, args, files] of [
    ['that is checked itself', ['certs/prod.pem'], ['certs/prod.pem']],
    ['in a folder that is checked', ['certs'], ['certs/prod.pem']],
    ['of the cluster of a file', ['prod/db.yaml'], ['certs/prod.pem']],
    ['of the flag --cert', ['--cert', 'dev.pem', 'prod/db.yaml'], ['dev.pem']],
  ] as const)
    test(what, async () => {
      const { code, stdout, stderr } = await kubeseal(['lint', ...args], { cwd: treeOf(FILES) });
      assert.equal(code, 1, stderr);
      const found = [...stdout.matchAll(/^(\S+):1:1: warning S012 /gm)].map(([, file]) => file);
      assert.deepEqual(found.sort(), [...files].sort());
    });
});
