import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { SEALING_KEY } from '../../shared/api/annotations.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { systemClock } from '../../shared/clock.ts';
import { kubeseal } from '../support/run.ts';
import { sealedItem } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { inProcess, type CommandOutput } from './in-process.ts';
import { itemsOf } from './opened.ts';

const folder = temporaryFolder();
const pem = certificatePem('c2048');
const cert = folder.write('cert.pem', pem);
const key = folder.write('key.pem', keyPem('c2048'));
const certificate = parseCertificate(pem, 'c2048');
const seal = (item: string): string =>
  sealedItem(certificate, { name: 'db', namespace: 'shop' }, `value of ${item}`);
const VALUES = { token: 'value of token', password: 'value of password', user: 'value of user' };

const DB = `# the database
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: db, namespace: shop}
spec:
  encryptedData:
    # changes often
    token: ${seal('token')}
    password: "${seal('password')}" # rotated monthly
    user: ${seal('user')}
`;
const NOTE =
  "(a value on the command line stays in the shell's history, and other users can see it while kubeseal runs; " +
  'type it with --prompt, or read it from stdin or a file)';

let files = 0;
function file(text = DB): string {
  return folder.write(`sealed-${++files}.yaml`, text);
}

/** Runs `set` with the certificate. Reports are without the path of the file. */
async function set(
  path: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<CommandOutput> {
  const { warnings, errors } = await inProcess(
    ['set', path, ...args, '--cert', cert],
    systemClock,
    environment,
  );
  const short = (lines: readonly string[]): string[] => lines.map((line) => line.replaceAll(path, 'FILE'));
  return { warnings: short(warnings), errors: short(errors) };
}

/** A user with a home folder, where the cache of digests is. */
function user(): { readonly environment: NodeJS.ProcessEnv; readonly digests: string } {
  const home = `${folder.path}/home-${++files}`;
  mkdirSync(home);
  return { environment: { HOME: home }, digests: `${home}/.cache/kubeseal/digests` };
}

/** Returns the text with the lines of some items replaced by those of another text. */
function withLinesOf(other: string, items: readonly string[], text = DB): string {
  return items.reduce((result, item) => {
    const line = new RegExp(`^ {4}${item}: .*$`, 'm');
    return result.replace(line, () => line.exec(other)?.[0] ?? 'nothing');
  }, text);
}

suite('kubeseal set', () => {
  test('replaces a value, and leaves every other byte', async () => {
    const path = file();
    chmodSync(path, 0o640);
    const { warnings, errors } = await set(path, ['password=a=b c']);
    assert.deepEqual([warnings, errors], [[NOTE, 'FILE: password replaced, 2 items untouched'], []]);
    const after = readFileSync(path, 'utf8');
    assert.notEqual(after, DB);
    assert.equal(after, withLinesOf(after, ['password']));
    assert.match(after, /^ {4}password: "[^"]*" # rotated monthly$/m);
    assert.deepEqual(await itemsOf(after), [{ ...VALUES, password: 'a=b c' }]);
    assert.equal(statSync(path).mode & 0o777, 0o640);
  });

  test('adds and replaces several values at once', async () => {
    const path = file();
    const { warnings } = await set(path, ['user=bob', 'token=t', 'api.key=k']);
    assert.equal(warnings.at(-1), 'FILE: user and token replaced, api.key added, 1 item untouched');
    const after = readFileSync(path, 'utf8');
    assert.deepEqual(await itemsOf(after), [{ ...VALUES, user: 'bob', token: 't', 'api.key': 'k' }]);
    assert.equal(after.replace(/^ {4}api\.key: .*\n/m, ''), withLinesOf(after, ['user', 'token']));
  });

  test('reads a value from a file byte for byte, without a note about the history', async () => {
    const path = file();
    const value = Buffer.from([0, 255, 10]);
    const { warnings } = await set(path, ['token', '--value-file', folder.write('value', value)]);
    assert.deepEqual(warnings, ['FILE: token replaced, 2 items untouched']);
    const recovered = await kubeseal(['--recovery-unseal', '--recovery-private-key', key, '-f', path]);
    const { data } = JSON.parse(recovered.stdout) as { data: Record<string, string> };
    assert.equal(data['token'], value.toString('base64'));
  });

  test('reads a value from stdin byte for byte, and notes the line break at its end', async () => {
    const path = file();
    const args = ['set', path, 'token', '--value-stdin', '--cert', cert];
    const ran = await kubeseal(args, { stdin: 'secret\n' });
    assert.deepEqual([ran.code, ran.stdout], [0, '']);
    assert.equal(
      ran.stderr,
      `(the trailing newline is part of the value; use printf '%s' or echo -n to leave it out)\n${path}: token replaced, 2 items untouched\n`,
    );
    assert.deepEqual(await itemsOf(readFileSync(path)), [{ ...VALUES, token: 'secret\n' }]);
  });

  test('with --dry-run, says what it would do and changes nothing', async () => {
    const path = file();
    const { warnings } = await set(path, ['token=new', '--dry-run']);
    assert.equal(
      warnings.at(-1),
      'FILE: token replaced, 2 items untouched (dry run: the file was not changed)',
    );
    assert.equal(readFileSync(path, 'utf8'), DB);
  });

  test('seals for the scope of the SealedSecret, with the warnings of --merge-into', async () => {
    const wide = DB.replace(
      'namespace: shop}',
      'namespace: shop, annotations: {sealedsecrets.bitnami.com/cluster-wide: "true"}}',
    ).replace(/^ {4}(token|password|user): .*\n/gm, '');
    const path = file(
      wide.replace('encryptedData:', 'encryptedData: {}') + '  template: {data: {url: "{{ .a }}"}}\n',
    );
    const { warnings, errors } = await set(path, ['a=b']);
    assert.deepEqual(errors, []);
    assert.deepEqual(warnings, [
      NOTE,
      '(FILE: cluster-wide: anyone who can create a SealedSecret in any namespace can unseal it there)',
      '(FILE: templates in the file can copy the new items into "url")',
      'FILE: a added',
    ]);
    assert.deepEqual(await itemsOf(readFileSync(path)), [{ a: 'b', url: 'b' }]);
  });

  test('warns of an empty value, as of a variable that is not set', async () => {
    const { warnings } = await set(file(), ['token=']);
    assert.ok(warnings.includes('warning: the value of "token" is empty'));
  });

  test('reads stdin and writes stdout with -', async () => {
    const ran = await kubeseal(['set', '-', 'token=new', '--cert', cert], { stdin: DB });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /^<stdin>: token replaced, 2 items untouched$/m);
    assert.equal(ran.stdout, withLinesOf(ran.stdout, ['token']));
    assert.deepEqual(await itemsOf(ran.stdout), [{ ...VALUES, token: 'new' }]);
  });

  test('edits JSON in place', async () => {
    const json = {
      kind: 'SealedSecret',
      metadata: { name: 'db', namespace: 'shop' },
      spec: { encryptedData: { user: seal('user') } },
    };
    const path = file(JSON.stringify(json, null, 4));
    assert.deepEqual((await set(path, ['token=t'])).errors, []);
    const after = readFileSync(path, 'utf8');
    assert.equal(after.replace(/"token": "[^"]*",\s*/, ''), JSON.stringify(json, null, 4));
    assert.deepEqual(await itemsOf(after), [{ user: 'value of user', token: 't' }]);
  });
});

suite('the hint at the key', () => {
  const { fingerprint } = certificate;
  const hinted = (hint: string): string =>
    DB.replace('namespace: shop}', `namespace: shop, annotations: {${SEALING_KEY}: "${hint}"}}`);
  const old = `SHA256:${'a'.repeat(43)}`;

  const cases: [string, string, readonly string[], string | undefined][] = [
    [
      'names the new key beside the old one while old items stay',
      hinted(old),
      ['token=t'],
      `${old},${fingerprint}`,
    ],
    [
      'names the new key alone if all items are new',
      hinted(old),
      ['token=t', 'user=u', 'password=p'],
      fingerprint,
    ],
    ['is added if all items are new', DB, ['token=t', 'user=u', 'password=p'], fingerprint],
    ['is not added if the keys of other items are unknown', DB, ['token=t'], undefined],
    ['is added with --key-hint', DB, ['token=t', '--key-hint'], fingerprint],
    [
      'is not added with --key-hint=false',
      DB,
      ['token=t', 'user=u', 'password=p', '--key-hint=false'],
      undefined,
    ],
  ];
  for (const [what, text, args, wanted] of cases) {
    test(what, async () => {
      const path = file(text);
      assert.deepEqual((await set(path, args)).errors, []);
      const [, hint] = /sealing-key["']?: *["']?([^"'}\n]+)/.exec(readFileSync(path, 'utf8')) ?? [];
      assert.equal(hint, wanted);
    });
  }
});

suite('setting the value that is already there', () => {
  test('changes nothing, as the cache of the user tells', async () => {
    const path = file();
    const { environment, digests } = user();
    await set(path, ['token=t', 'user=u'], environment);
    assert.equal(statSync(digests).mode & 0o777, 0o600);
    const once = readFileSync(path, 'utf8');
    const again = await set(path, ['token=t', 'user=u'], environment);
    assert.equal(again.warnings.at(-1), 'FILE: token and user already have these values; nothing changed');
    assert.equal(readFileSync(path, 'utf8'), once);
    const partly = await set(path, ['token=t', 'user=v'], environment);
    assert.equal(partly.warnings.at(-1), 'FILE: user replaced, token unchanged, 1 item untouched');
    const after = readFileSync(path, 'utf8');
    assert.equal(after, withLinesOf(after, ['user'], once));
    assert.deepEqual(await itemsOf(after), [{ ...VALUES, token: 't', user: 'v' }]);
  });

  test('changes nothing, as a private key tells, and the cache then knows it', async () => {
    const path = file();
    const { environment } = user();
    const { warnings } = await set(path, ['user=value of user', '--recovery-private-key', key], environment);
    assert.deepEqual(warnings, [NOTE, 'FILE: user already has this value; nothing changed']);
    const again = await set(path, ['user=value of user'], environment);
    assert.equal(again.warnings.at(-1), 'FILE: user already has this value; nothing changed');
    assert.equal(readFileSync(path, 'utf8'), DB);
  });

  test('needs no certificate', async () => {
    const path = file();
    const { environment } = user();
    await set(path, ['token=t'], environment);
    const { errors, warnings } = await inProcess(['set', path, 'token=t'], systemClock, environment);
    assert.deepEqual([errors, warnings.length], [[], 2]);
  });

  for (const [what, change] of [
    ['the name of the SealedSecret', (text: string) => text.replace('name: db', 'name: other')],
    [
      'the scope',
      (text: string) =>
        text.replace(
          'namespace: shop}',
          'namespace: shop, annotations: {sealedsecrets.bitnami.com/namespace-wide: "true"}}',
        ),
    ],
  ] as const) {
    test(`seals again where a ciphertext has no meaning any more: ${what}`, async () => {
      const path = file();
      const { environment } = user();
      await set(path, ['token=t'], environment);
      writeFileSync(path, change(readFileSync(path, 'utf8')));
      const { warnings } = await set(path, ['token=t'], environment);
      assert.equal(warnings.at(-1), 'FILE: token replaced, 2 items untouched');
    });
  }

  test('seals again with --keep-unchanged=false, without a cache, and without a home', async () => {
    const path = file();
    const { environment, digests } = user();
    const replaced = 'FILE: token replaced, 2 items untouched';
    for (let i = 0; i < 2; i++)
      assert.equal(
        (await set(path, ['token=t', '--keep-unchanged=false'], environment)).warnings.at(-1),
        replaced,
      );
    assert.throws(() => statSync(digests), /ENOENT/);
    for (let i = 0; i < 2; i++) assert.equal((await set(path, ['token=t'])).warnings.at(-1), replaced);
  });
});

suite('kubeseal set refuses', () => {
  const refused: [string, readonly string[], RegExp][] = [
    [
      'an item without a value',
      ['token'],
      /^"token" has no value: use token=VALUE, --value-stdin, --value-file FILE or --prompt$/,
    ],
    [
      'a name that no Secret can have',
      ['a b=c'],
      /^the command line: no item of a Secret can have the name "a…": only letters, digits/,
    ],
    ['a name with a colon, without what follows', ['password:hunter2'], /^the command line: .* "password…"/],
    ['an empty name', ['=c'], /^the command line: no item of a Secret can have the name ""/],
    ['an item twice', ['a=b', 'a=c'], /^"a" is on the command line twice$/],
    [
      'several items from one file',
      ['a', 'b', '--value-file', cert],
      /^--value-file gives the value of one item, not of 2$/,
    ],
    [
      'two sources',
      ['a', '--value-stdin', '--prompt'],
      /^--value-stdin and --prompt cannot be used together$/,
    ],
    [
      'a source without an item',
      ['a=b', '--value-stdin'],
      /^--value-stdin needs the name of an item without "="/,
    ],
    ['a file that is not there', ['a', '--value-file', `${folder.path}/nosuch`], /nosuch/],
    ['no item', [], /^set: an item is required; its usage: kubeseal set FILE/],
    ['a scope', ['a=b', '--scope', 'cluster-wide'], /^set does not take --scope/],
    ['a wrong document', ['a=b', '--document', '3'], /^FILE does not hold the SealedSecret/],
  ];
  for (const [what, args, wanted] of refused) {
    test(`${what}, and changes nothing`, async () => {
      const path = file();
      const { errors } = await set(path, args);
      assert.equal(errors.length, 1);
      assert.match(errors.join(), wanted);
      assert.doesNotMatch(errors.join(), /hunter2/);
      assert.equal(readFileSync(path, 'utf8'), DB);
    });
  }

  test('stdin as file and as value', async () => {
    const { errors } = await inProcess(['set', '-', 'a', '--value-stdin', '--cert', cert]);
    assert.deepEqual(errors, ['--value-stdin: stdin is the file to change; read the value from elsewhere']);
  });

  test('a prompt without a terminal', async () => {
    const path = file();
    // A session without a terminal of its own.
    const ran = await kubeseal(['set', path, 'a', '--prompt', '--cert', cert], { detached: true });
    assert.deepEqual(ran, {
      code: 1,
      stdout: '',
      stderr:
        'error: --prompt needs a terminal to type the value; without one, read the value from stdin or a file\n',
    });
    assert.equal(readFileSync(path, 'utf8'), DB);
  });
});
