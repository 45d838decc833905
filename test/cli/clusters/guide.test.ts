import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { before, suite, test } from 'node:test';
import { load } from 'js-yaml';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsUnder, linesOf } from '../../support/guide.ts';
import { PACKAGE } from '../../support/package.ts';
import { noteSecret } from '../../support/secrets-used.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { certificatePem, keyPem } from '../../support/vectors.ts';
import { FakeController } from '../fake-controller.ts';
import { itemsOf } from '../opened.ts';
import { Person } from '../person.ts';
import { hasTmux } from '../tmux.ts';
import { KEYS, SECRET } from './repository.ts';

/** Runs the commands of docs/kubeseal.md about several clusters as they are, with the `.kubeseal.yaml` of the page. */

const ANSWER = 'answer-canary';
noteSecret(ANSWER);
const folder = temporaryFolder();
const controller = new FakeController();
const person = new Person(folder);

/** Returns the configuration that the page shows. */
function shownConfig(): string {
  const page = readFileSync(join(PACKAGE, 'docs/kubeseal.md'), 'utf8');
  const [, section = ''] = /^## Several clusters\n([^]*?)^## /m.exec(page) ?? [];
  const [, yaml = ''] = /^```yaml\n([^]*?)^```$/m.exec(section) ?? [];
  return yaml;
}

/** A kubeconfig whose contexts are the clusters. */
function kubeconfig(): string {
  const config = JSON.parse(controller.kubeconfig) as { contexts: { context: object }[] };
  const contexts = ['prod', 'staging'].map((name) => ({ name, context: config.contexts[0]?.context }));
  return JSON.stringify({ ...config, contexts, 'current-context': 'prod' });
}

function read(name: string): string {
  return readFileSync(join(folder.path, name), 'utf8');
}

async function follow(commands: readonly string[]): Promise<readonly string[]> {
  const screens: string[] = [];
  for (const line of commands) {
    const { code, screen } = await person.does(line, line.includes('--prompt') ? [ANSWER] : []);
    assert.equal(code, 0, screen);
    assert.ok(!screen.includes(ANSWER));
    screens.push(screen);
  }
  return screens;
}

const skip = hasTmux ? false : 'there is no tmux here';
if (process.env['CI'] === 'true') assert.ok(hasTmux, 'there is no tmux here');

suite('the commands of docs/kubeseal.md for several clusters', { skip }, () => {
  before(async () => {
    controller.reset();
    for (const name of ['certs', 'keys', 'overlays', 'overlays/prod', 'overlays/staging'])
      mkdirSync(join(folder.path, name));
    folder.write('.kubeseal.yaml', shownConfig());
    folder.write('db.yaml', SECRET);
    for (const [cluster, key] of Object.entries(KEYS)) {
      folder.write(`certs/${cluster}.pem`, certificatePem(key));
      folder.write(`keys/${cluster}.yaml`, keyPem(key));
    }
    await person.start({ KUBECONFIG: folder.write('kubeconfig', kubeconfig()) });
  });

  test('write a file for each cluster', async () => {
    assert.ok(load(shownConfig()));
    await follow(linesOf(commandsUnder('docs/kubeseal.md', 'Several clusters')));
    for (const [cluster, key] of Object.entries(KEYS)) {
      const items = await itemsOf(read(`overlays/${cluster}/db.yaml`), key);
      assert.deepEqual(items, [{ password: ANSWER, user: 'bob' }]);
      assert.deepEqual(await itemsOf(read(`overlays/${cluster}/app.yaml`), key), [{ key: ANSWER }]);
    }
    assert.equal((await itemsOf(read('overlays/staging/other.yaml'), KEYS.staging)).length, 1);
  });

  test('update the certificates', async () => {
    const [all, one] = await follow(linesOf(commandsUnder('docs/kubeseal.md', 'certs update')));
    assert.match(all ?? '', /^prod: certs\/prod\.pem: current: SHA256:/m);
    assert.match(all ?? '', /^staging: certs\/staging\.pem: updated from SHA256:/m);
    assert.match(one ?? '', /^prod: certs\/prod\.pem: current: SHA256:/m);
    assert.equal(read('certs/staging.pem'), certificatePem('c2048') + certificatePem(KEYS.staging));
  });
});
