import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { findBinaries } from '../control-plane/binaries.ts';
import { kubeseal, run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { itemsOf } from '../cli/opened.ts';

const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const kubectl = (await findBinaries(['kubectl'], (line) => console.error(line))).get('kubectl') ?? 'kubectl';

/** Returns what Kustomize makes of these files. */
async function built(resources: readonly string[], more = ''): Promise<string> {
  const text = `resources:\n${resources.map((name) => `- ${name}\n`).join('')}${more}`;
  writeFileSync(join(folder.path, 'kustomization.yaml'), text);
  const { code, stdout, stderr } = await run(kubectl, ['kustomize', folder.path]);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Runs kubeseal in the folder, with the certificate. */
async function runs(args: readonly string[], stdin = ''): Promise<void> {
  const env = { SEALED_SECRETS_CERT: cert };
  const { code, stderr } = await kubeseal(args, { cwd: folder.path, env, stdin });
  assert.equal(code, 0, stderr);
}

suite('kustomize build', () => {
  test('accepts the files that kubeseal writes, and keeps their ciphertexts', async () => {
    const secret = 'metadata: {name: sealed, namespace: shop}\nstringData: {a: "1"}\n';
    await runs(['seal', '-w', 'sealed.yaml'], secret);
    await runs(['seal', '-w', 'sealed.json'], secret.replace('name: sealed', 'name: json'));
    await runs([
      ...['create', 'generic', 'generic', '-n', 'shop', '--from-literal', 'a=1', '--label', 'app=shop'],
      ...['--annotation', 'note=x: y', '-w', 'generic.yaml'],
    ]);
    await runs(
      [
        ...['create', 'docker-registry', 'registry', '-n', 'shop', '--server', 'registry.example.com'],
        ...['--username', 'ada', '--password-stdin', '-w', 'registry.yaml'],
      ],
      'hunter2',
    );
    await runs(['set', 'generic.yaml', 'b', '--value-stdin'], '2');
    await runs(['set', 'sealed.json', 'b', '--value-stdin'], '2');
    const files = ['sealed.yaml', 'sealed.json', 'generic.yaml', 'registry.yaml'];
    const items = await itemsOf(await built(files, 'labels:\n- pairs: {team: ops}\n'));
    const sorted = items.map((each) => Object.keys(each).sort().join()).sort();
    assert.deepEqual(sorted, ['.dockerconfigjson', 'a', 'a,b', 'a,b']);
  });
});
