import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { SHELLS, type Shell } from '../../cli/flags/completion/scripts.ts';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { FakeServer, json } from './fake-api-server.ts';
import { hasShell, ShellTerminal } from './shell-terminal.ts';

const folder = temporaryFolder();
const bin = join(folder.path, 'bin');
const home = join(folder.path, 'home');
mkdirSync(bin);
mkdirSync(home);
/** A command in a name makes this file when a shell runs it. */
const CANARY = join(folder.path, 'canary');
/** The arguments of the last command, each followed by a zero byte. */
const ARGUMENTS = join(folder.path, 'arguments');

writeFileSync(
  join(bin, 'kubeseal'),
  `#!/bin/sh
case "$1" in __complete*) exec ${KUBESEAL.join(' ')} "$@" ;; esac
: >'${ARGUMENTS}'
for argument in "$@"; do printf '%s\\0' "$argument" >>'${ARGUMENTS}'; done
`,
);
chmodSync(join(bin, 'kubeseal'), 0o755);

/** Each begins with two letters that no other one begins with. */
const NAMES = [
  `ab$(touch ${CANARY})`,
  `cd\`touch ${CANARY}\``,
  `ef;touch ${CANARY}`,
  `gh|touch ${CANARY}`,
  `ij&touch ${CANARY}`,
  `kl>${CANARY}`,
  `mn)touch`,
  "op'q",
  'qr"s',
  'st u',
  'uv*?[w]',
  'wx{y,z}',
  'yz!a',
  'ac#~d^e%f',
  'bd\\e',
  'ce$HOME',
  'df:e:aws/g@h',
  'eg=h',
  'fhäé',
];
/** Names that are never candidates: they move the cursor, reverse text, or look like a flag or a folder. */
const DROPPED = ['gi\u001b[2J', 'hj\u202ek', 'ik\nl', 'jl\u009bm', '-km', '~ln'];
const context = { cluster: 'c', user: 'u' };
const kubeconfig = folder.write(
  'kubeconfig',
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    contexts: [...NAMES, ...DROPPED].map((name) => ({ name, context })),
  }),
);
const FILES = [
  `fa $(touch ${CANARY.replaceAll('/', '_')})`,
  'fb`ls`;x',
  'fc*[y]',
  "fd'e",
  'fe"g',
  '-fg',
  '~fh',
];
for (const file of FILES) writeFileSync(join(home, file), '');

/** Opens a terminal with completion loaded. Skips the test where there is no such shell. */
async function openTerminal(shell: Shell, t: TestContext): Promise<ShellTerminal | undefined> {
  if (!hasShell(shell)) {
    const why = `there is no ${shell} here, or no script of util-linux (Debian packages: ${shell}, bsdutils)`;
    assert.notEqual(process.env['CI'], 'true', why);
    t.skip(why);
    return undefined;
  }
  const script = folder.write(`completion.${shell}`, (await kubeseal(['completion', shell])).stdout);
  const path = `${bin}:${process.env['PATH'] ?? ''}`;
  const terminal = new ShellTerminal(shell, { HOME: home, PATH: path, KUBECONFIG: kubeconfig });
  t.after(() => terminal.close());
  await terminal.type(`cd; source '${script}'\n`);
  return terminal;
}

/** The arguments that kubeseal gets when this is typed, with a Tab at its end, and run. */
async function argumentsOf(terminal: ShellTerminal, typed: string): Promise<string[]> {
  rmSync(ARGUMENTS, { force: true });
  const shown = await terminal.type(`${typed}\t\n`);
  assert.ok(existsSync(ARGUMENTS), `${typed}: ${JSON.stringify(shown)}`);
  assert.ok(!existsSync(CANARY), typed);
  return readFileSync(ARGUMENTS, 'utf8').split('\0').slice(0, -1);
}

const server = new FakeServer('canary');

for (const shell of SHELLS) {
  suite(`Tab in ${shell}`, () => {
    for (const quote of ['', "'", '"']) {
      test(`inserts a context as one literal word${quote === '' ? '' : `, behind ${quote}`}`, async (t) => {
        const terminal = await openTerminal(shell, t);
        if (!terminal) return;
        for (const name of NAMES) {
          // Inside double quotes, neither shell can escape it.
          if (quote === '"' && name.includes('!') && shell !== 'fish') continue;
          const start = name.slice(0, 2);
          assert.deepEqual(await argumentsOf(terminal, `kubeseal --context ${quote}${start}`), [
            '--context',
            name,
          ]);
          if (quote === '')
            assert.deepEqual(await argumentsOf(terminal, `kubeseal --context=${start}`), [
              `--context=${name}`,
            ]);
        }
      });
    }

    test('continues after a part that is already quoted', async (t) => {
      const terminal = await openTerminal(shell, t);
      if (!terminal) return;
      for (const [typed, name] of [
        ['st\\ ', 'st u'],
        ['df:e:a', 'df:e:aws/g@h'],
        ['eg=', 'eg=h'],
        ['ab\\$\\(to', NAMES[0]],
      ])
        assert.deepEqual(await argumentsOf(terminal, `kubeseal --context ${typed ?? ''}`), [
          '--context',
          name,
        ]);
    });

    test('inserts a file name as one literal word', async (t) => {
      const terminal = await openTerminal(shell, t);
      if (!terminal) return;
      for (const file of FILES.filter((name) => name.startsWith('f')))
        assert.deepEqual(await argumentsOf(terminal, `kubeseal -f ${file.slice(0, 2)}`), ['-f', file]);
    });

    test('completes the verb of a group of commands', async (t) => {
      const terminal = await openTerminal(shell, t);
      if (!terminal) return;
      assert.deepEqual(await argumentsOf(terminal, 'kubeseal keys lis'), ['keys', 'list']);
    });

    test('shows no name with control characters', async (t) => {
      const terminal = await openTerminal(shell, t);
      if (!terminal) return;
      const shown = await terminal.type('kubeseal --context \t\t\n\n');
      assert.match(shown, /fhäé/);
      for (const name of DROPPED)
        assert.ok(!shown.includes(name.slice(0, 2).trim()) || /^[-~]/.test(name), name);
      for (const odd of ['\u001b[2J', '\u202e', '\u009b']) assert.ok(!shown.includes(odd));
    });
  });
}

suite('scripts of others, which may insert a candidate as it is,', () => {
  test('get only contexts that need no quotes', async () => {
    const env = { KUBECONFIG: kubeconfig };
    const { stdout } = await kubeseal(['__complete', '--context', ''], { env });
    assert.equal(stdout, 'df:e:aws/g@h\neg=h\n:4\n');
    const quoted = await kubeseal(['__completeQuoted', '--context', ''], { env });
    assert.deepEqual(quoted.stdout.split('\n').slice(0, -2).sort(), [...NAMES].sort());
  });

  test('get only valid namespaces, whatever the server answers', async () => {
    const names = ['good', ...NAMES, ...DROPPED, 'Bad', 'x'.repeat(64)];
    const list = {
      metadata: { resourceVersion: '1' },
      items: names.map((name) => ({ metadata: { name, uid: name, resourceVersion: '1' } })),
    };
    server.answers.set(
      '/api/v1/namespaces?limit=500',
      json(200, { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', ...list }),
    );
    const { stdout } = await kubeseal(['__completeQuoted', '--server', server.url, '-n', '']);
    assert.equal(stdout, 'good\n:4\n');
  });
});
