import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readCommandLine } from '../../cli/flags/command-line.ts';
import {
  FLAGS,
  variableOf,
  type Flag,
  type FlagName,
  type ListName,
  type SwitchName,
  type TextName,
} from '../../cli/flags/definitions.ts';
import type { ParsedFlags } from '../../cli/flags/parsed-flags.ts';
import { optionsOf, type Options } from '../../cli/flags/options.ts';

function given(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ParsedFlags {
  return readCommandLine(args, environment, 'kubeseal');
}

function options(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Options {
  return optionsOf(given(args, environment));
}

const flags = [...FLAGS];
const isSwitch = (name: FlagName): name is SwitchName => FLAGS.get(name)?.value === undefined;
const isListFlag = (name: FlagName): name is ListName => FLAGS.get(name)?.list !== undefined;
const isText = (name: FlagName): name is TextName => !isSwitch(name) && !isListFlag(name);

/** Returns a value for the flag that differs from its default. */
function valueFor({ choices }: Flag): string {
  return choices?.at(-1) ?? '-some=value';
}

/** Returns the value of the flag, of any type. */
function held(from: ParsedFlags, name: FlagName): unknown {
  if (isSwitch(name)) return from.on(name);
  return isListFlag(name) ? from.list(name) : isText(name) && from.text(name);
}

suite('every flag', () => {
  test('has no name that is a variable of Kubernetes for a Service called "sealed-secrets"', () => {
    // https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
    const injected = /^SEALED_SECRETS_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_.+)?)$/;
    assert.match('SEALED_SECRETS_PORT_8080_TCP_ADDR', injected);
    for (const [name, flag] of flags) assert.doesNotMatch(variableOf(name, flag) ?? '', injected);
  });

  test('has its own environment variable, except those of klog', () => {
    const variables = flags.flatMap(([name, flag]) => variableOf(name, flag) ?? []);
    assert.equal(new Set(variables).size, variables.length);
    assert.equal(variables.length, flags.filter(([, { klog }]) => !klog).length);
    assert.equal(
      variableOf('recovery-private-key', { group: 'Other:', help: '' }),
      'SEALED_SECRETS_RECOVERY_PRIVATE_KEY',
    );
  });

  test('has a help line and a short name of its own', () => {
    const shorts = flags.flatMap(([, { short }]) => short ?? []);
    assert.equal(new Set([...shorts, 'h']).size, shorts.length + 1);
    for (const [, { help }] of flags) assert.match(help, /^\S.*[^.]$/);
  });

  for (const [name, flag] of flags) {
    const { short } = flag;
    test(`is read in each of its spellings: --${name}`, () => {
      if (isSwitch(name)) {
        for (const on of ['', '=true', '=1', '=T']) assert.ok(given([`--${name}${on}`]).on(name), on);
        for (const off of ['=false', '=0', '=F'])
          assert.ok(!given([`--${name}`, `--${name}${off}`]).on(name));
        return;
      }
      const value = valueFor(flag);
      const wanted = flag.list ? [value] : value;
      const spellings = [[`--${name}`, value], [`--${name}=${value}`]];
      if (short) spellings.push([`-${short}`, value], [`-${short}=${value}`]);
      if (short && flag.choices) spellings.push([`-${short}${value}`]);
      for (const words of spellings) assert.deepEqual(held(given(words), name), wanted, words.join(' '));
      // The last one counts, or all of them.
      const twice = given([`--${name}`, flag.choices?.[0] ?? 'first', `--${name}`, value]);
      assert.deepEqual(held(twice, name), flag.list ? ['first', value] : value);
    });
  }

  for (const [name, flag] of flags) {
    test(`is set by its variable, and the command line takes precedence: --${name}`, () => {
      const variable = variableOf(name, flag) ?? `SEALED_SECRETS_${name.toUpperCase()}`;
      const value = isSwitch(name) ? 'true' : valueFor(flag);
      const set = held(given([], { [variable]: value }), name);
      const unset = held(given([]), name);
      if (flag.klog) {
        assert.deepEqual(set, unset);
      } else if (isSwitch(name)) {
        assert.deepEqual([set, unset], [true, false]);
        assert.equal(given([`--${name}=false`], { [variable]: 'true' }).on(name), false);
        assert.equal(given([], { [variable]: '' }).on(name), false);
        for (const odd of ['yes', 'on', 'TrUe', ' true']) {
          const message = `${variable}: must be true or false`;
          assert.throws(() => options([], { [variable]: odd }), { message });
        }
      } else if (flag.list) {
        assert.deepEqual(set, [value]);
        const both = given([`--${name}`, 'typed'], { [variable]: 'variable' });
        assert.deepEqual(held(both, name), ['variable', 'typed']);
      } else {
        assert.equal(set, value);
        const first = flag.choices?.[0] ?? 'first';
        assert.equal(held(given([`--${name}`, first], { [variable]: value }), name), first);
        // Also where it is empty on purpose.
        assert.equal(held(given([`--${name}=`], { [variable]: value }), name), unset);
        const odd = { [variable]: 'nosuch-canary' };
        if (flag.choices) {
          // The value may be a secret that was meant for another variable.
          const message = `${variable}: must be ${flag.choices.join(' or ')}`;
          assert.throws(() => options([], odd), { message });
          assert.equal(options(['--version'], odd).command, 'version');
          assert.doesNotThrow(() => options([`--${name}`, first], odd));
        }
      }
    });
  }
});

suite('a variable', () => {
  test('that Kubernetes sets for a Service of this name is not a flag of ours', () => {
    const environment = {
      SEALED_SECRETS_PORT: 'tcp://10.0.0.1:8080',
      SEALED_SECRETS_SERVICE_HOST: '10.0.0.1',
      SEALED_SECRETS_SERVICE_PORT: '8080',
      SEALED_SECRETS_SERVICE_PORT_HTTP: '8080',
      SEALED_SECRETS_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      SEALED_SECRETS_PORT_8080_TCP_PROTO: 'tcp',
    };
    assert.deepEqual(options([], environment), options([]));
  });

  test('of a format may be in any letter case, as the flag', () => {
    assert.equal(options([], { SEALED_SECRETS_FORMAT: 'YAML' }).format, 'yaml');
    assert.throws(
      () => options([], { SEALED_SECRETS_SCOPE: 'Strict' }),
      /^SealedSecretsError: SEALED_SECRETS_SCOPE: /,
    );
  });
});

suite('a list', () => {
  test('is split at commas, or taken whole, in the environment too', () => {
    assert.deepEqual(given(['--private-key', 'a,b,,c']).list('private-key'), ['a', 'b', 'c']);
    assert.deepEqual(given(['--as-group', 'a,b', '--as-group', 'c']).list('as-group'), ['a,b', 'c']);
    const environment = {
      SEALED_SECRETS_FROM_FILE: 'a,b',
      SEALED_SECRETS_RECOVERY_PRIVATE_KEY: 'e,f',
      SEALED_SECRETS_AS_GROUP: 'c,d',
    };
    const from = given(['--from-file', 'x,y'], environment);
    assert.deepEqual(from.list('from-file'), ['a', 'b', 'x', 'y']);
    assert.deepEqual(from.list('recovery-private-key'), ['e', 'f']);
    assert.deepEqual(from.list('as-group'), ['c,d']);
  });

  test('of keys has those of the alias too', () => {
    const args = ['--re-encrypt', '--private-key', 'a', '--recovery-private-key', 'b'];
    assert.deepEqual(options(args).recoveryPrivateKeys, ['b', 'a']);
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
    test(`are refused by name: ${a[0]} ${b[0]}`, () => {
      for (const args of [
        [...a, ...b],
        [...b, ...a],
      ]) {
        assert.throws(
          () => options(args),
          ({ message }: Error) =>
            message === `${a[0]} and ${b[0]} are two modes: give one` ||
            message === `${b[0]} and ${a[0]} are two modes: give one`,
        );
      }
    });
  }

  test('are allowed if both select the same command', () => {
    for (const [a = '', b = ''] of SAME) {
      assert.equal(options([a, b, '--private-key', 'x']).command, a.slice(2));
    }
  });

  test('are ignored by --version, and if one of them is off', () => {
    assert.equal(options(['--raw', '--validate', '--version']).command, 'version');
    assert.equal(options(['--raw', '--validate=false']).command, 'raw');
    assert.equal(options(['--raw=false', '--merge-into=']).command, 'seal');
  });

  test('are reported with the variable that sets one', () => {
    const environment = { SEALED_SECRETS_RAW: 'true' };
    assert.throws(() => options(['--validate'], environment), {
      message: '--validate and --raw (by SEALED_SECRETS_RAW) are two modes: give one',
    });
    assert.equal(options(['--validate', '--raw=false'], environment).command, 'validate');
  });
});

suite('a flag of one command', () => {
  test('is refused by another command if typed, and ignored from the environment', () => {
    assert.throws(() => options(['--from-file', 'x']), { message: '--from-file requires --raw' });
    assert.throws(() => options(['--validate', '--from-file', 'x']), {
      message: '--from-file requires --raw',
    });
    assert.equal(options([], { SEALED_SECRETS_FROM_FILE: 'x' }).fromFile, undefined);
    for (const flag of ['--recovery-private-key', '--private-key']) {
      assert.throws(() => options([flag, 'x']), { message: /^--recovery-private-key goes with / });
    }
    const keys = { SEALED_SECRETS_RECOVERY_PRIVATE_KEY: 'x' };
    assert.deepEqual(options([], keys).recoveryPrivateKeys, []);
    assert.deepEqual(options(['--re-encrypt'], keys).recoveryPrivateKeys, ['x']);
  });
});
