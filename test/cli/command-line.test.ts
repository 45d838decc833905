import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  FLAGS,
  flagNamed,
  variableOf,
  type Flag,
  type FlagName,
  type ListName,
  type SwitchName,
  type TextName,
} from '../../cli/flags/definitions.ts';
import { COMMANDS, type CommandOptions } from '../../cli/commands/list.ts';
import { COMMAND_NAMES, commandNamed, type CommandName, type WordKind } from '../../cli/flags/commands.ts';
import { FlagError, parseCommandLine } from '../../cli/flags/parse.ts';
import type { ParsedFlags } from '../../cli/flags/parsed-flags.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { optionsFor, parsedFlags, prepared } from './in-process.ts';

async function options(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<CommandOptions> {
  return (await prepared(args, environment)).command.options;
}

const isSwitch = (name: FlagName): name is SwitchName => flagNamed(name)?.kind === 'switch';
const isListFlag = (name: FlagName): name is ListName => flagNamed(name)?.kind === 'list';
const isText = (name: FlagName): name is TextName => !isSwitch(name) && !isListFlag(name);

/** Returns values that the flag may have. Undefined if it may have any. */
function choicesOf(flag: Flag): readonly string[] | undefined {
  if (flag.kind === 'text' && flag.isNumber) return ['1', '23'];
  return flag.kind === 'text' ? flag.choices : undefined;
}

/** Words of a kind that allows few. */
const WORDS: Partial<Readonly<Record<WordKind, string>>> = { shell: 'bash', kind: 'generic' };

/** Returns the words of a command that the first argument names. */
function wordsFor(name: CommandName): readonly string[] {
  // With --git, it takes one file.
  if (name === 'diff') return [name, 'word'];
  const named = commandNamed(name);
  return named ? [...name.split(' '), ...named.words.map((kind) => WORDS[kind] ?? 'word')] : [];
}

/** Returns a value for the flag that differs from its default. */
function valueFor(flag: Flag): string {
  if (flag.kind === 'list' && flag.switchOf) return 'true';
  return choicesOf(flag)?.at(-1) ?? '-some=value';
}

/** Returns the value of the flag, of any type. */
function valueOf(from: ParsedFlags, name: FlagName): unknown {
  if (isSwitch(name)) return from.on(name);
  return isListFlag(name) ? from.list(name) : isText(name) && from.text(name);
}

suite('every flag', () => {
  test('has no name that is a variable of Kubernetes for a Service called "sealed-secrets"', () => {
    // https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
    const injected = /^SEALED_SECRETS_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_.+)?)$/;
    assert.match('SEALED_SECRETS_PORT_8080_TCP_ADDR', injected);
    for (const flag of FLAGS) assert.doesNotMatch(variableOf(flag) ?? '', injected);
  });

  test('has its own environment variable, except --help and those of klog', () => {
    const variables = FLAGS.flatMap((flag) => variableOf(flag) ?? []);
    assert.equal(new Set(variables).size, variables.length);
    assert.equal(variables.length, FLAGS.filter(({ commandLineOnly }) => !commandLineOnly).length);
    const key = flagNamed('recovery-private-key');
    assert.ok(key);
    assert.equal(variableOf(key), 'SEALED_SECRETS_RECOVERY_PRIVATE_KEY');
  });

  test('has a help line and a short name of its own', () => {
    const shorts = FLAGS.flatMap(({ short }) => short ?? []);
    assert.equal(new Set(shorts).size, shorts.length);
    for (const { help } of FLAGS) assert.match(help, /^\S.*[^.]$/);
  });

  for (const flag of FLAGS) {
    const { name, short, kind } = flag;
    const choices = choicesOf(flag);
    test(`is read in each of its spellings: --${name}`, () => {
      if (isSwitch(name)) {
        for (const on of ['', '=true', '=1', '=T']) assert.ok(parsedFlags([`--${name}${on}`]).on(name), on);
        for (const off of ['=false', '=0', '=F'])
          assert.ok(!parsedFlags([`--${name}`, `--${name}${off}`]).on(name));
        return;
      }
      const value = valueFor(flag);
      const wanted = kind === 'list' ? [value] : value;
      const spellings = [[`--${name}`, value], [`--${name}=${value}`]];
      if (short) spellings.push([`-${short}`, value], [`-${short}=${value}`]);
      if (short) spellings.push([`-${short}${value}`]);
      for (const words of spellings)
        assert.deepEqual(valueOf(parsedFlags(words), name), wanted, words.join(' '));
      // The last one counts, or all of them.
      const twice = parsedFlags([`--${name}`, choices?.[0] ?? 'first', `--${name}`, value]);
      assert.deepEqual(valueOf(twice, name), kind === 'list' ? ['first', value] : value);
    });
  }

  for (const flag of FLAGS) {
    const { name, kind } = flag;
    const choices = choicesOf(flag);
    test(`is set by its variable, and the command line takes precedence: --${name}`, async () => {
      const variable = variableOf(flag) ?? `SEALED_SECRETS_${name.toUpperCase()}`;
      const value = isSwitch(name) ? 'true' : valueFor(flag);
      const set = valueOf(parsedFlags([], { [variable]: value }), name);
      const unset = valueOf(parsedFlags([]), name);
      if (flag.commandLineOnly) {
        assert.deepEqual(set, unset);
      } else if (isSwitch(name)) {
        assert.deepEqual([set, unset], [true, false]);
        assert.equal(parsedFlags([`--${name}=false`], { [variable]: 'true' }).on(name), false);
        assert.equal(parsedFlags([], { [variable]: '' }).on(name), false);
        for (const odd of ['yes', 'on', 'TrUe', ' true']) {
          const message = `${variable}: must be true or false`;
          await assert.rejects(options([], { [variable]: odd }), { message });
        }
      } else if (kind === 'list') {
        assert.deepEqual(set, [value]);
        const both = parsedFlags([`--${name}`, 'typed'], { [variable]: 'variable' });
        assert.deepEqual(valueOf(both, name), ['variable', 'typed']);
      } else {
        assert.equal(set, value);
        const first = choices?.[0] ?? 'first';
        assert.equal(valueOf(parsedFlags([`--${name}`, first], { [variable]: value }), name), first);
        // Also where it is empty on purpose.
        assert.equal(valueOf(parsedFlags([`--${name}=`], { [variable]: value }), name), unset);
        const odd = { [variable]: 'nosuch-canary' };
        if (choices) {
          // The value may be a secret that was meant for another variable.
          const allowed = choices[0] === '1' ? 'a number from 1 on' : choices.join(' or ');
          const message = `${variable}: must be ${allowed}`;
          await assert.rejects(options([], odd), { message });
          assert.equal((await options(['--version'], odd)).command, 'version');
          await options([`--${name}`, first], odd);
        }
      }
    });
  }
});

suite('a variable', () => {
  test('that Kubernetes sets for a Service of this name is not a flag of ours', async () => {
    const environment = {
      SEALED_SECRETS_PORT: 'tcp://10.0.0.1:8080',
      SEALED_SECRETS_SERVICE_HOST: '10.0.0.1',
      SEALED_SECRETS_SERVICE_PORT: '8080',
      SEALED_SECRETS_SERVICE_PORT_HTTP: '8080',
      SEALED_SECRETS_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      SEALED_SECRETS_PORT_8080_TCP_PROTO: 'tcp',
    };
    assert.deepEqual(await options([], environment), await options([]));
  });

  test('of a format may be in any letter case, as the flag', async () => {
    assert.equal((await optionsFor('seal', [], { SEALED_SECRETS_FORMAT: 'YAML' })).format, 'yaml');
    await assert.rejects(
      options([], { SEALED_SECRETS_SCOPE: 'Strict' }),
      /^SealedSecretsError: SEALED_SECRETS_SCOPE: /,
    );
  });
});

suite('a list', () => {
  test('is split at commas, or taken whole, in the environment too', () => {
    assert.deepEqual(parsedFlags(['--private-key', 'a,b,,c']).list('private-key'), ['a', 'b', 'c']);
    assert.deepEqual(parsedFlags(['--as-group', 'a,b', '--as-group', 'c']).list('as-group'), ['a,b', 'c']);
    const environment = {
      SEALED_SECRETS_FROM_FILE: 'a,b',
      SEALED_SECRETS_RECOVERY_PRIVATE_KEY: 'e,f',
      SEALED_SECRETS_AS_GROUP: 'c,d',
    };
    const from = parsedFlags(['--from-file', 'x,y'], environment);
    assert.deepEqual(from.list('from-file'), ['a', 'b', 'x', 'y']);
    assert.deepEqual(from.list('recovery-private-key'), ['e', 'f']);
    assert.deepEqual(from.list('as-group'), ['c,d']);
  });

  test('of keys has those of the alias too', async () => {
    const args = ['--re-encrypt', '--private-key', 'a', '--recovery-private-key', 'b'];
    assert.deepEqual((await optionsFor('re-encrypt', args)).recoveryPrivateKeys, ['b', 'a']);
  });
});

suite('flags of two commands', () => {
  const commands: readonly [string, ...string[]][] = [
    ['--recovery-unseal', '--private-key', 'x'],
    ['--recovery', '--private-key', 'x'],
    ['--validate'],
    ['--re-encrypt'],
    ['--rotate'],
    ['--fetch-cert'],
    ['--merge-into', 'x'],
    ['--raw'],
  ];
  const SAME = [
    ['--recovery-unseal', '--recovery'],
    ['--re-encrypt', '--rotate'],
  ];
  const pairs = commands.flatMap((a) => commands.filter((b) => a < b).map((b) => [a, b] as const));
  for (const [a, b] of pairs) {
    if (SAME.some((flags) => flags.includes(a[0]) && flags.includes(b[0]))) continue;
    test(`are refused by name: ${a[0]} ${b[0]}`, async () => {
      for (const args of [
        [...a, ...b],
        [...b, ...a],
      ]) {
        await assert.rejects(
          options(args),
          ({ message }: Error) =>
            message === `${a[0]} and ${b[0]} cannot be used together` ||
            message === `${b[0]} and ${a[0]} cannot be used together`,
        );
      }
    });
  }

  test('are allowed if both select the same command', async () => {
    for (const [a = '', b = ''] of SAME) {
      assert.equal((await options([a, b, '--private-key', 'x'])).command, a.slice(2));
    }
  });

  test('are ignored by --version, and if one of them is off', async () => {
    assert.equal((await options(['--raw', '--validate', '--version'])).command, 'version');
    assert.equal((await options(['--raw', '--name', 'n', '--validate=false'])).command, 'raw');
    assert.equal((await options(['--raw=false', '--merge-into='])).command, 'seal');
  });

  test('are reported with the variable that sets one', async () => {
    const environment = { SEALED_SECRETS_RAW: 'true' };
    await assert.rejects(options(['--validate'], environment), {
      message: '--validate and --raw (set by SEALED_SECRETS_RAW) cannot be used together',
    });
    assert.equal((await options(['--validate', '--raw=false'], environment)).command, 'validate');
  });
});

suite('a flag of one command', () => {
  test('is refused by another command if typed, and ignored from the environment', async () => {
    await assert.rejects(options(['--from-file', 'x']), { message: '--from-file requires --raw' });
    await assert.rejects(options(['--validate', '--from-file', 'x']), {
      message: '--from-file requires --raw',
    });
    assert.equal((await options([], { SEALED_SECRETS_FROM_FILE: 'x' })).command, 'seal');
    for (const flag of ['--recovery-private-key', '--private-key']) {
      await assert.rejects(options([flag, 'x']), { message: /^--recovery-private-key requires / });
    }
    const keys = { SEALED_SECRETS_RECOVERY_PRIVATE_KEY: 'x' };
    assert.deepEqual((await optionsFor('validate', ['--validate'], keys)).recoveryPrivateKeys, []);
    assert.deepEqual((await optionsFor('re-encrypt', ['--re-encrypt'], keys)).recoveryPrivateKeys, ['x']);
  });

  for (const name of COMMAND_NAMES) {
    const { commands = [] } = flagNamed('to') ?? {};
    // Help and versions are shown whatever the flags are.
    if (commands.includes(name) || name === 'version' || name === 'completion') continue;
    test(`is refused where it would have no effect: --to and --split, ${name}`, async () => {
      const selector = FLAGS.find(({ selects }) => selects === name)?.name;
      const ways = [wordsFor(name), selector === undefined ? [] : [`--${selector}=true`]];
      for (const args of ways.filter((way) => way.length > 0))
        for (const flag of ['--to=prod', '--split=x']) {
          const message = new RegExp(
            `does not take ${flag.split('=')[0] ?? ''};|^${flag.split('=')[0] ?? ''} is for`,
          );
          await assert.rejects(options([...args, flag]), { message }, [...args, flag].join(' '));
        }
    });
  }
});

suite('a command', () => {
  for (const name of COMMAND_NAMES) {
    test(`reads the flags that are defined for it, and no others: ${name}`, async () => {
      const read = new Set<FlagName>();
      // Every flag has a value, so that no flag is skipped.
      const flags = parsedFlags([
        ...wordsFor(name),
        ...FLAGS.map((flag) => `--${flag.name}${isSwitch(flag.name) ? '' : `=${valueFor(flag)}`}`),
      ]);
      const recording = new Proxy(flags, {
        get: (target, property) => {
          const member: unknown = Reflect.get(target, property, target);
          if (typeof member !== 'function') return member;
          return (flag: FlagName): unknown => {
            read.add(flag);
            return Reflect.apply(member, target, [flag]);
          };
        },
      });
      const command = await COMMANDS[name].load();
      try {
        command.prepare(recording);
      } catch (error) {
        // Flags that contradict each other are refused once all of them are read.
        assert.ok(error instanceof SealedSecretsError);
      }
      const defined = FLAGS.filter((flag) => flag.commands.includes(name) && !isSelector(flag, name));
      assert.deepEqual(
        [...read].filter((flag) => !isSelector(flagNamed(flag), name)).sort(),
        defined.map((flag) => flag.name).sort(),
      );
    });
  }
});

/** Whether the flag only selects the command. */
function isSelector(flag: Flag | undefined, name: string): boolean {
  return flag?.selects === name && flag.kind === 'switch';
}

suite('the parser', () => {
  const same: [string, readonly (readonly string[])[]][] = [
    ['a value', [['--name=v'], ['--name', 'v'], ['--name', 'u', '--name', 'v']]],
    ['a shorthand', [['-n', 'v'], ['-n=v'], ['-nv'], ['--namespace', 'v'], ['-n', 'u', '-nv']]],
    ['a value like a flag', [['-f', '--raw'], ['-f=--raw'], ['-f--raw'], ['--secret-file=--raw']]],
    ['a value with equals signs', [['-f', 'a=b'], ['-fa=b'], ['-f=a=b'], ['--secret-file=a=b']]],
    ['an empty value', [['--name='], ['--name', '']]],
    ['a switch', [['--raw'], ['--raw=true'], ['--raw=1'], ['--raw=false', '--raw']]],
    ['a switch that is off', [['--raw=false'], ['--raw=F'], ['--raw='], ['--raw', '--raw=0']]],
    [
      'words',
      [
        ['a', '-o', 'yaml', 'b'],
        ['-oyaml', 'a', 'b'],
        ['-o=yaml', '--', 'a', 'b'],
      ],
    ],
    [
      'a word like a flag',
      [
        ['--', '--raw'],
        ['--', '--raw'],
      ],
    ],
  ];
  for (const [what, lines] of same) {
    test(`reads each spelling alike: ${what}`, () => {
      const [first, ...others] = lines.map((args) => {
        const flags = parsedFlags(args);
        return [flags.words, FLAGS.map(({ name }) => [name, valueOf(flags, name), flags.typed(name)])];
      });
      for (const other of others) assert.deepEqual(other, first);
    });
  }

  test('reads a line alike in whatever spelling its flags are', () => {
    const flag = fc.constantFrom(...FLAGS).chain((each) => {
      if (each.kind === 'switch') {
        const long = [`--${each.name}`];
        const spellings = [long, [`--${each.name}=true`], ...(each.short ? [[`-${each.short}`]] : [])];
        return fc.constantFrom(...spellings).map((spelling) => ({ spelling, plain: long }));
      }
      return fc
        .tuple(fc.constantFrom(...(choicesOf(each) ?? ['x', 'a,b', '--', '-y', 'a=b'])), fc.nat(4))
        .map(([value, at]) => {
          const plain = [`--${each.name}=${value}`];
          const short =
            each.short === undefined ? [] : [[`-${each.short}`, value], [`-${each.short}=${value}`]];
          const attached = each.short === undefined ? [] : [[`-${each.short}${value}`]];
          const spellings = [plain, [`--${each.name}`, value], ...short, ...attached];
          return { spelling: spellings[at % spellings.length] ?? plain, plain };
        });
    });
    const word = fc.constantFrom('', '-', 'x', 'json').map((text) => ({ spelling: [text], plain: [text] }));
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: flag }, { weight: 1, arbitrary: word })),
        (line) => {
          const [one, other] = [
            line.flatMap(({ spelling }) => spelling),
            line.flatMap(({ plain }) => plain),
          ].map((args) => parseCommandLine(args));
          assert.deepEqual(one, other);
        },
      ),
      { seed: 1, numRuns: 2_000 },
    );
  });

  test('leaves everything behind -- and a single dash to the words', () => {
    const { words } = parsedFlags(['-', '--raw', '--', '--nosuch', '-n', '--', '']);
    assert.deepEqual(words, ['-', '--nosuch', '-n', '--', '']);
  });

  test('takes the name of a command only as the first argument', () => {
    assert.equal(parsedFlags(['completion', 'bash']).command, 'completion');
    for (const args of [['-n', 'x', 'completion'], ['--', 'completion'], ['seals'], []])
      assert.equal(parsedFlags(args).command, undefined);
    for (const name of COMMAND_NAMES.filter((each) => commandNamed(each)))
      assert.equal(parsedFlags(name.split(' ')).command, name);
    assert.deepEqual(parsedFlags(['completion', 'bash']).words, ['bash']);
  });

  const wrong: [readonly string[], string][] = [
    [['--nosuch=canary'], "unknown option '--nosuch'"],
    [['--no-raw'], "unknown option '--no-raw' (Did you mean --raw?)"],
    [['-zcanary'], "unknown option '-z'"],
    [['-z=canary'], "unknown option '-z'"],
    [['-1'], "unknown option '-1'"],
    [['---raw'], "unknown option '---raw' (Did you mean --raw?)"],
    [['--=canary'], "unknown option '--'"],
    [['--constructor', 'canary'], "unknown option '--constructor'"],
    [['--validat'], "unknown option '--validat' (Did you mean --validate?)"],
    [['--fecth-cert'], "unknown option '--fecth-cert' (Did you mean --fetch-cert?)"],
    [['--scope', 'canary'], "option '--scope <scope>' must be strict or namespace-wide or cluster-wide"],
    [['-ocanary'], "option '-o, --format <format>' must be json or yaml"],
    [['--raw=canary'], "option '--raw' must be true or false"],
    [['--cert'], "option '--cert <file|url>' requires a value"],
    [['-f'], "option '-f, --secret-file <file>' requires a value"],
    [['--nosuch', '--scope', 'canary'], "unknown option '--nosuch'"],
  ];
  for (const [args, message] of wrong) {
    test(`refuses, without the value: ${args.join(' ')}`, () => {
      assert.throws(
        () => parsedFlags(args),
        (error: unknown) => error instanceof FlagError && error.message === message,
      );
    });
  }

  test('shows the help instead of errors, wherever it is asked for', () => {
    for (const args of [['-h'], ['--help'], ['--nosuch', '-h'], ['-h', '--scope=x'], ['-hf', 'x']])
      assert.ok(parsedFlags(args).on('help'), args.join(' '));
    for (const args of [['--', '-h'], ['--name', '-h'], ['--help=false']])
      assert.ok(!parsedFlags(args).on('help'), args.join(' '));
  });
});
