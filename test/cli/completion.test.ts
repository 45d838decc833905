import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { suite, test } from 'node:test';
import { COMMAND_GROUPS, firstWords, NAMED_COMMANDS, verbsOf } from '../../cli/flags/commands.ts';
import { parseBashLine } from '../../cli/flags/completion/bash-line.ts';
import { complete, type NameSource } from '../../cli/flags/completion/complete.ts';
import { SHELLS } from '../../cli/flags/completion/scripts.ts';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal, run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

const NAMES: NameSource = {
  items: (file) => Promise.resolve(file === 'db.yaml' ? ['password', 'user', '-x', '~'] : []),
  clusters: () => Promise.resolve(['prod', 'staging', 'dev']),
  contexts: (words) => Promise.resolve(words.includes('--kubeconfig=x') ? ['of-x'] : ['prod', 'staging']),
  namespaces: () => Promise.resolve(['default', 'kube-system']),
};

suite('a word at a prompt', () => {
  const cases: [readonly string[], readonly string[] | 'files'][] = [
    [['--sc'], ['--scope']],
    [
      ['--scope', ''],
      ['strict', 'namespace-wide', 'cluster-wide'],
    ],
    [['--scope', 'n'], ['namespace-wide']],
    [['--scope=c'], ['--scope=cluster-wide']],
    // Bash takes a word apart at its equals sign.
    [['--scope', '=', 'c'], ['cluster-wide']],
    [
      ['--scope', '='],
      ['strict', 'namespace-wide', 'cluster-wide'],
    ],
    [
      ['-o', ''],
      ['json', 'yaml'],
    ],
    [
      ['get', '-o', ''],
      ['yaml', 'json', 'env', 'raw'],
    ],
    [['get', ''], 'files'],
    [
      ['get', '--document', '2', 'db.yaml', ''],
      ['password', 'user'],
    ],
    [['get', 'db.yaml', 'p'], ['password']],
    [['get', 'no.yaml', ''], []],
    [['-f', ''], 'files'],
    [['-w', 'a'], 'files'],
    [['--cert', ''], 'files'],
    [['--merge-into=a'], 'files'],
    [['--raw', '--from-f'], ['--from-file']],
    [['--name', ''], []],
    [['--context', 's'], ['staging']],
    [['--to', 's'], ['staging']],
    [
      ['--to', 'prod,'],
      ['prod,staging', 'prod,dev'],
    ],
    [['--to=prod,s'], ['--to=prod,staging']],
    [
      ['certs', 'update', ''],
      ['prod', 'staging', 'dev'],
    ],
    [['--kubeconfig=x', '--context', ''], ['of-x']],
    [['-n', 'k'], ['kube-system']],
    [['--controller-namespace', 'd'], ['default']],
    [['comp'], ['completion']],
    [['val', ''], []],
    [['validate', '--reco'], ['--recovery-private-key']],
    [['validate', '--sco'], []],
    [['completion', '-w', 'x', 'b'], ['bash']],
    [['completion', ''], [...SHELLS]],
    [['completion', 'bash', ''], []],
    [['unset', ''], 'files'],
    [
      ['unset', 'db.yaml', ''],
      ['password', 'user'],
    ],
    [['unset', '-n', 'prod', 'db.yaml', 'user', 'p'], ['password']],
    [['unset', 'other.yaml', ''], []],
    [['--rot'], []],
    [['--nosuch='], []],
    [['__proto__', ''], []],
    [[], firstWords().map(([word]) => word)],
    [['key'], ['keys']],
    ...COMMAND_GROUPS.map((group): [string[], string[]] => [[group.name, ''], [...verbsOf(group).keys()]]),
    [['keys', 'lis'], ['list']],
    [['keys', 'nosuch', ''], []],
    [['keys', 'list', '--controller-namespace', 'k'], ['kube-system']],
    [
      ['keys', 'list', '-o', ''],
      ['wide', 'json', 'yaml'],
    ],
    [['keys', 'list', '--sco'], []],
  ];
  for (const [words, wanted] of cases) {
    test(`is completed: ${JSON.stringify(words)}`, async () => {
      const { candidates, files } = await complete(words, NAMES);
      assert.deepEqual(files ? 'files' : candidates.map(([text]) => text), wanted);
    });
  }
});

suite('a line of bash', () => {
  const BREAKS = ' \t\n"\'><=;|&(:';
  const cases: [string, readonly string[], string][] = [
    ['kubeseal ', [''], ''],
    ['kubeseal', [], ''],
    ['A=b C= kubeseal --raw a', ['--raw', 'a'], ''],
    ["kubeseal 'a b' c\\ d", ['a b', 'c d'], ''],
    ["kubeseal 'a b", ['a b'], ''],
    ['kubeseal x"a \\" \\b', ['xa " \\b'], 'x'],
    ['kubeseal --scope=c', ['--scope=c'], '--scope='],
    ['kubeseal a\\:b:c', ['a:b:c'], 'a:b:'],
    ['kubeseal a\\', ['a'], ''],
    ['kubeseal $(x) `y`', ['$(x)', '`y`'], ''],
  ];
  for (const [line, words, kept] of cases)
    test(`is read: ${JSON.stringify(line)}`, () => {
      const read = parseBashLine(line, BREAKS);
      assert.deepEqual([read.words, read.kept], [words, kept]);
    });
});

test('the first words are those of all commands', () => {
  const words = new Set(NAMED_COMMANDS.map(({ name }) => name.split(' ')[0]));
  assert.deepEqual(
    firstWords()
      .map(([word]) => word)
      .toSorted(),
    [...words].toSorted(),
  );
});

suite('kubeseal completion', () => {
  test('answers a shell in the form that kubectl plugins use', async () => {
    const { code, stdout, stderr } = await kubeseal(['__complete', '--scope', 'cl']);
    assert.deepEqual([code, stdout, stderr], [0, 'cluster-wide\n:4\n', '']);
    assert.equal((await kubeseal(['__complete', '-f', ''])).stdout, ':0\n');
  });

  for (const shell of SHELLS) {
    test(`prints a script for ${shell}`, async () => {
      const { code, stdout, stderr } = await kubeseal(['completion', shell]);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /kubeseal/);
    });
  }

  test('lists the shells in its error', async () => {
    for (const words of [['completion'], ['completion', 'tcsh']]) {
      const { code, stdout, stderr } = await kubeseal(words);
      assert.deepEqual([code, stdout], [1, '']);
      assert.equal(stderr, 'error: completion: specify a shell: bash, zsh, fish\n');
    }
  });

  test('offers the items of all SealedSecrets in a file, and nothing for another file', async () => {
    const folder = temporaryFolder();
    const sealed = (items: string): string =>
      `kind: SealedSecret\nmetadata: {name: a, namespace: b}\nspec: {encryptedData: ${items}}\n---\n`;
    const file = folder.write(
      'x.yaml',
      `${sealed('{b: x, a: y}')}kind: Other\n---\n${sealed('{c: z, a: y}')}`,
    );
    assert.equal((await kubeseal(['__complete', 'get', file, ''])).stdout, 'a\nb\nc\n:4\n');
    for (const other of [folder.write('y.yaml', '{'), folder.path, '/nonexistent']) {
      const { code, stdout, stderr } = await kubeseal(['__complete', 'get', other, '']);
      assert.deepEqual([code, stdout, stderr], [0, ':4\n', '']);
    }
  });

  test('completes in bash, which splits words at equals signs', async () => {
    const folder = temporaryFolder();
    const script = folder.write('completion.bash', (await kubeseal(['completion', 'bash'])).stdout);
    const program = folder.write('kubeseal', `#!/bin/sh\nexec ${KUBESEAL.join(' ')} "$@"\n`);
    chmodSync(program, 0o755);
    // What bash does when the user presses Tab behind the last word.
    const pressTab = `source "$1"; shift; COMP_WORDS=("$1"); COMP_LINE="kubeseal $2"; COMP_POINT=\${#COMP_LINE}; COMP_WORDBREAKS=$' \\t\\n\\"\\'><=;|&(:'; _kubeseal; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const reply = async (line: string): Promise<string> => {
      const bash = await run('bash', ['-c', pressTab, 'bash', script, program, line]);
      assert.deepEqual([bash.code, bash.stderr], [0, '']);
      return bash.stdout;
    };
    assert.equal(await reply('--scope=n'), 'namespace-wide\n');
    assert.equal(await reply('-o '), 'json\nyaml\n');
    assert.equal(await reply('--merge'), '--merge-into\n');
    assert.equal(await reply('keys li'), 'list\n');
  });
});
