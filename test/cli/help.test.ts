import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FLAGS } from '../../cli/flags/definitions.ts';
import { GROUPS } from '../../cli/flags/flag.ts';
import { usageOf } from '../../cli/flags/parse.ts';
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
      /^Usage: kubeseal \[flags\] < secret\.yaml > sealed\.json\n\nSeals Kubernetes Secrets/,
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
    assert.deepEqual([...shown.keys()], [...wanted.keys(), 'Examples:']);
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
    [['seal', 'it'], '(ignored: "seal" "it")\n'],
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
