import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { COMMAND_GROUPS, NAMED_COMMANDS, TASKS, verbsOf } from '../../cli/flags/commands.ts';
import { FLAGS } from '../../cli/flags/definitions.ts';
import { GROUPS } from '../../cli/flags/flag.ts';
import { parseCommandLine, usageOf } from '../../cli/flags/parse.ts';
import { kubeseal } from '../support/run.ts';

const { code, stdout, stderr } = await kubeseal(['--help']);

/** Returns the flags in the help by heading. */
function shownFlags(): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  let flags: string[] = [];
  for (const line of stdout.split('\n')) {
    if (/^[A-Z].*:$/.test(line)) groups.set(line, (flags = []));
    const [, flag] = /^ {2}((?:-\w, )?--\S+(?: <.*?>)?)/.exec(line) ?? [];
    if (flag) flags.push(flag);
  }
  return groups;
}

suite('the help', () => {
  test('goes to stdout, with 0', () => {
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /^Usage: kubeseal \[command\] \[flags\] < secret\.yaml > sealed\.json\n\nSeals Kubernetes Secrets/,
    );
  });

  test('fits a terminal of 80 columns', () => {
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
    assert.doesNotMatch(stdout, / \n/);
  });

  test('groups every flag by its task, and leaves out the former names and those of klog', () => {
    const wanted = new Map<string, string[]>(GROUPS.map((group) => [group, []]));
    for (const flag of FLAGS) {
      if (!flag.hidden) wanted.get(flag.group)?.push(usageOf(flag));
    }
    const shown = shownFlags();
    assert.deepEqual([...shown.keys()], [...TASKS, ...wanted.keys(), 'Examples:']);
    for (const [group, flags] of wanted) assert.deepEqual(shown.get(group)?.sort(), flags.sort(), group);
    assert.doesNotMatch(stdout, /--(rotate|recovery|private-key|log_dir|no-\S+)\s/);
  });

  test('shows the defaults', () => {
    for (const value of ['json', 'sealed-secrets-controller', 'kube-system']) {
      assert.match(stdout, new RegExp(`\\(default:\\s+${value}`));
    }
  });

  for (const args of [['-h'], ['--help', '--nosuch'], ['--raw', '--validate', '-h']]) {
    test(`is the same for ${args.join(' ')}`, async () => {
      assert.deepEqual(await kubeseal(args), { code: 0, stdout, stderr: '' });
    });
  }
});

suite('the help of a command', () => {
  test('is named in the help of all, by its task', () => {
    for (const task of TASKS) {
      const [, list = ''] = new RegExp(`^${task}\n((?: {2}.*\n)+)`, 'm').exec(stdout) ?? [];
      const names = NAMED_COMMANDS.filter((command) => command.task === task).map(({ name }) => name);
      assert.deepEqual(
        list
          .trim()
          .split(/\s*\n\s*/)
          .map((line) => line.split(/ {2,}/)[0]),
        names,
      );
    }
  });

  for (const { name, usage, details = '', examples } of NAMED_COMMANDS) {
    test(`shows its usage, its own flags and two examples: ${name}`, async () => {
      const help = await kubeseal([...name.split(' '), '--help']);
      assert.deepEqual([help.code, help.stderr], [0, '']);
      assert.ok(help.stdout.startsWith(`Usage: kubeseal ${name} ${usage}`.trimEnd()));
      for (const line of help.stdout.split('\n')) assert.ok(line.length <= 80, line);
      assert.ok(help.stdout.replaceAll('\n', ' ').includes(details));
      const shown = [...help.stdout.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, flag]) => flag);
      const own = FLAGS.filter(
        ({ commands, hidden, selects, kind }) =>
          !hidden &&
          (commands.length === 0 || commands.includes(name)) &&
          !(selects === name && kind === 'switch'),
      );
      assert.deepEqual(shown.toSorted(), own.map((flag) => flag.name).toSorted());
      for (const example of examples) assert.ok(help.stdout.includes(`  kubeseal ${example}\n`), example);
    });

    test(`has examples that parse: ${name}`, () => {
      for (const example of examples) {
        const words = example.split(/ [<>] /)[0]?.split(' ') ?? [];
        assert.doesNotThrow(() => parseCommandLine(words));
      }
    });
  }
});

suite('a group of commands', () => {
  for (const group of COMMAND_GROUPS) {
    const { name, examples } = group;
    test(`shows its commands and two examples, also alone: ${name}`, async () => {
      const help = await kubeseal([name, '--help']);
      assert.deepEqual([help.code, help.stderr], [0, '']);
      for (const args of [[name], [name, '-h'], [name, 'nosuch', '--help'], [name, '--help', 'list']])
        assert.deepEqual(await kubeseal(args), help, args.join(' '));
      assert.ok(help.stdout.startsWith(`Usage: kubeseal ${name} COMMAND [flags]\n`));
      for (const line of help.stdout.split('\n')) assert.ok(line.length <= 80, line);
      const [, list = ''] = /^Commands:\n((?: {2}.*\n)+)/m.exec(help.stdout) ?? [];
      const shown = [...list.matchAll(/^ {2}(\S+)/gm)].map(([, verb]) => verb);
      assert.deepEqual(shown, [...verbsOf(group).keys()]);
      for (const example of examples) {
        assert.ok(help.stdout.includes(`  kubeseal ${example}\n`), example);
        assert.equal(parseCommandLine(example.split(' ')).group?.name, name);
      }
    });
  }

  const table: [readonly string[], RegExp][] = [
    [['keys', 'lst'], /^error: keys: no command "lst"; did you mean kubeseal keys list\?\n$/],
    [['keys', 'nothing-like-it'], /^error: keys: no command "nothing-like-it"; there is list\b.*\n$/],
    [['keys', '-o', 'wide', 'list'], /^error: keys: a command is required behind it; there is list\b.*\n$/],
    [['keys', ''], /^error: keys: a command is required behind it; there is list\b.*\n$/],
    [['keys', 'l\u001b[2J'], /^error: keys: no command "l\\u\{1b\}\[2J"; there is list\b.*\n$/],
  ];
  for (const [args, message] of table) {
    test(`refuses another verb: ${JSON.stringify(args)}`, async () => {
      const refused = await kubeseal(args);
      assert.deepEqual([refused.code, refused.stdout], [2, '']);
      assert.match(refused.stderr, message);
    });
  }
});

suite('a command', () => {
  const table: [readonly string[], string][] = [
    [['fetch-cert', 'a', 'b'], 'fetch-cert: unexpected argument "a"; its usage: kubeseal fetch-cert [flags]'],
    [
      ['fetch-cert', '--scope', 'strict'],
      'fetch-cert does not take --scope; its flags: kubeseal fetch-cert --help',
    ],
    [
      ['keys', 'list', '--scope', 'strict'],
      'keys list does not take --scope; its flags: kubeseal keys list --help',
    ],
    [['seal', '--validate'], 'seal and --validate cannot be used together'],
  ];
  for (const [args, message] of table) {
    test(`refuses what it does not take: ${args.join(' ')}`, async () => {
      const refused = await kubeseal(args, { stdin: '' });
      assert.deepEqual(refused, { code: 1, stdout: '', stderr: `error: ${message}\n` });
    });
  }

  test('does what its flag does', async () => {
    assert.equal((await kubeseal(['version'])).stdout, (await kubeseal(['--version'])).stdout);
    const table: [readonly string[], readonly string[]][] = [
      [['validate'], ['--validate']],
      [['re-encrypt', '--re-encrypt'], ['--re-encrypt']],
      [['seal'], []],
    ];
    for (const [word, flags] of table) {
      assert.deepEqual(await kubeseal(word, { stdin: '{}' }), await kubeseal(flags, { stdin: '{}' }));
    }
  });
});

suite('a mistyped flag', () => {
  const table: [string, string][] = [
    ['--validat', ' (Did you mean --validate?)'],
    ['--recovery-unsea', ' (Did you mean --recovery-unseal?)'],
    ['--merge-in-to=x', ' (Did you mean --merge-into?)'],
    ['--name-space=x', ' (Did you mean --namespace?)'],
    ['--cert-file', ' (Did you mean --cert?)'],
    ['--recovery-private', ' (Did you mean --recovery-private-key?)'],
    ['--controller', ' (Did you mean one of --controller-name, --controller-namespace?)'],
    ['--allowEmptyData', ' (Did you mean --allow-empty-data?)'],
    ['--fetch-crt', ' (Did you mean --fetch-cert?)'],
    ['--nothing-like-it', ''],
    ['-x', ''],
  ];
  for (const [flag, suggestion] of table) {
    test(`${flag} is refused with 2${suggestion}`, async () => {
      const refused = await kubeseal([flag], { stdin: '' });
      const [name] = flag.split('=');
      assert.deepEqual(refused, {
        code: 2,
        stdout: '',
        stderr: `error: unknown option '${name}'${suggestion}\n`,
      });
    });
  }

  test('is refused before anything is read, also beside other arguments', async () => {
    const refused = await kubeseal(['nosuch.yaml', '--validat', '-f', 'nosuch.yaml']);
    assert.match(refused.stderr, /^error: unknown option/);
    assert.equal(refused.code, 2);
  });
});

test('arguments that belong to no flag are reported', async () => {
  const table: [string[], string][] = [
    [['some', 'words'], '(ignored: "some" "words")\n'],
    [['creat', 'it'], '(ignored: "creat" "it"; did you mean kubeseal create?)\n'],
    [['key', 'list'], '(ignored: "key" "list"; did you mean kubeseal keys?)\n'],
    [['-n', 'x', 'keys', 'list'], '(ignored: "keys" "list"; a command comes first: kubeseal keys)\n'],
    [['--raw', 'false'], '(ignored: "false")\n'],
    [['--', '--raw'], '(ignored: "--raw")\n'],
    [['\u001b[31m\n'], '(ignored: "\\u001b[31m\\n")\n'],
  ];
  for (const [args, note] of table) {
    const ran = await kubeseal(['--version', ...args]);
    assert.deepEqual([ran.code, ran.stderr], [0, note]);
    assert.match(ran.stdout, /^kubeseal version: \S+\n$/);
  }
});
