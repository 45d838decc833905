import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { findBinaries } from '../control-plane/binaries.ts';
import { podAddress } from '../control-plane/network.ts';
import { until } from '../control-plane/until.ts';
import { CheckoutShell } from '../support/checkout-shell.ts';
import { Fixture } from '../support/fixture.ts';
import { commandsUnder } from '../support/guide.ts';
import { PACKAGE } from '../support/package.ts';
import { run, type Ran } from '../support/run.ts';
import { noteSecret } from '../support/secrets-used.ts';
import { Repository } from './repository.ts';
import { stepsOf } from './workflow.ts';

const PASSWORD = 'db-password-canary';
const NEW_PASSWORD = "new 'password' $canary";
/** The steps that need GitHub or a network. */
const NOT_RUN = ['Install kubeseal', 'Open a pull request'];
const FOLDERS = ['examples/github-actions/.github/workflows', '.github/workflows'];

const SET_UP = commandsUnder('examples/github-actions/README.md', 'Set up').join('');
const KEEP = commandsUnder('examples/github-actions/README.md', 'Keep the certificate current').join('');

const shell = new CheckoutShell();
const repository = new Repository(shell, 'github-actions');
const fixture = new Fixture({
  namespace: 'actions',
  prepare: async () => {
    await shell.open(fixture.plane.kubeconfig);
    await repository.create();
    for (const value of [PASSWORD, NEW_PASSWORD]) noteSecret(value);
    shell.write('db-password', PASSWORD);
  },
});

/** Runs the steps of a workflow as the runner does, until one fails. Returns the steps that ran, and the last result. */
async function works(
  workflow: string,
  context: Readonly<Record<string, string>>,
): Promise<Ran & { readonly steps: readonly string[] }> {
  const steps: string[] = [];
  let ran: Ran = { code: 0, stdout: '', stderr: '' };
  for (const { name, script, env } of stepsOf(join(PACKAGE, FOLDERS[0] ?? '', workflow), context)) {
    if (NOT_RUN.includes(name)) continue;
    steps.push(name);
    shell.write('step.sh', script);
    const variables = Object.entries(env).map(([key, value]) => `${key}='${value.replaceAll("'", `'\\''`)}'`);
    // No kubeconfig: a runner reaches no cluster.
    ran = await repository.run(
      `export ${['KUBECONFIG=/dev/null', ...variables].join(' ')}; bash -e ~/step.sh`,
    );
    if (ran.code !== 0) break;
  }
  return { ...ran, steps };
}

async function checked(): Promise<Ran & { readonly steps: readonly string[] }> {
  const base = (await repository.follow('git rev-parse origin/main')).trim();
  return works('check.yml', { 'github.event.pull_request.base.sha': base });
}

async function reset(): Promise<void> {
  await repository.follow('git reset -q --hard origin/main && git clean -qfd');
}

suite('the workflows', () => {
  for (const folder of FOLDERS) {
    for (const file of readdirSync(join(PACKAGE, folder))) {
      test(`are valid for actionlint: ${folder}/${file}`, async () => {
        const actionlint = (await findBinaries(['actionlint'], () => undefined)).get('actionlint') ?? '';
        // Other programs that it would use depend on the machine.
        const flags = ['-no-color', '-shellcheck=', '-pyflakes='];
        const ran = await run(actionlint, [...flags, join(PACKAGE, folder, file)]);
        assert.equal(ran.code, 0, ran.stdout);
      });
    }
  }
});

suite('the example for GitHub Actions', { skip: podAddress() === null && 'no address but loopback' }, () => {
  before(() => repository.follow(SET_UP));

  test('seals a value with the committed certificate, and pushes a branch', async () => {
    const inputs = { 'inputs.file': 'db.yaml', 'inputs.item': 'password', 'github.run_id': '17' };
    const ran = await works('seal.yml', {
      ...inputs,
      'secrets.VALUE_TO_SEAL': NEW_PASSWORD,
      'github.token': '',
    });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(ran.steps, ['Seal', 'Push a branch']);
    const keys =
      'kubectl get secret -n kube-system -l sealedsecrets.bitnami.com/sealed-secrets-key -o yaml > ~/keys.yaml';
    const get = 'kubeseal get db.yaml password --recovery-private-key ~/keys.yaml';
    assert.equal(
      await repository.follow(`git switch -q --detach origin/seal-17; ${keys}; ${get}`),
      NEW_PASSWORD,
    );
    await repository.follow('git switch -q main');
  });

  test('passes a pull request in order', async () => {
    const ran = await checked();
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ran.steps.length, 3);
    assert.match(ran.steps.join(), /plain text.*committed certificate.*sealed again/);
  });

  for (const [what, change, words] of [
    [
      'a Secret in plain text',
      'kubectl create secret generic db --from-literal a=b --dry-run=client -o yaml > plain.yaml; git add .',
      /^::error file=plain\.yaml,line=\d+/m,
    ],
    [
      'a SealedSecret that was renamed',
      "sed -i 's/name: db$/name: web/' db.yaml",
      /::error file=db\.yaml::An item/,
    ],
  ] as const) {
    test(`fails with ${what}`, async () => {
      await repository.follow(change);
      const ran = await checked();
      assert.notEqual(ran.code, 0);
      assert.match(ran.stdout, words);
      await reset();
    });
  }

  test('fails after a renewal of the key until the items are re-encrypted', async () => {
    // The key is renewed when this has passed.
    const soon = new Date(Date.now() + 2_000).toUTCString().replace('GMT', '+0000');
    await fixture.restart(['--key-cutoff-time', soon]);
    await until('the new key', async () => {
      const { fingerprint } = await fixture.controller.certificate();
      return fingerprint === fixture.certificate.fingerprint ? undefined : true;
    });
    await repository.follow('kubeseal fetch-cert > cert.pem');
    const ran = await checked();
    assert.match(ran.steps.at(-1) ?? '', /committed certificate/);
    assert.equal(ran.code, 1, ran.stderr);
    await reset();
    await repository.follow(KEEP);
    assert.equal((await checked()).code, 0);
  });
});
