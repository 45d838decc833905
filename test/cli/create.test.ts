import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { SEALING_KEY } from '../../shared/api/annotations.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import { systemClock } from '../../shared/clock.ts';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { inProcess, type CommandOutput } from './in-process.ts';
import { itemsOf } from './opened.ts';

const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const key = folder.write('key.pem', keyPem('c2048'));
const { fingerprint } = parseCertificate(certificatePem('c2048'), 'c2048');
const env = folder.write('.env', '\ufeff# c\n  A="x y" \r\nFROM_HERE\n C=d=e\n\n-x=1\n');
const many = `${folder.path}/many`;
mkdirSync(`${many}/folder`, { recursive: true });
writeFileSync(`${many}/one`, '1');
writeFileSync(`${many}/.two`, '2');
symlinkSync('one', `${many}/link`);

let files = 0;

/** Runs `create` with the certificate, and returns what it wrote. Paths are left out of messages. */
async function create(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<CommandOutput & { readonly file: string; readonly text: string }> {
  const file = `${folder.path}/sealed-${++files}.yaml`;
  const all = ['create', ...args, '--cert', cert, '-w', file];
  const { warnings, errors } = await inProcess(all, systemClock, environment);
  const short = (lines: readonly string[]): string[] =>
    lines.map((line) => line.replaceAll(file, 'FILE').replaceAll(`${folder.path}/`, ''));
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return { warnings: short(warnings), errors: short(errors), file, text };
}

function sealedIn(text: string): SealedSecret {
  const [document] = readDocuments(Buffer.from(text), 'text');
  return parseSealedSecret(document?.value, { source: 'text' });
}

const DB = ['generic', 'db', '-n', 'shop'];

suite('kubeseal create generic', () => {
  test('takes values as kubectl does', async () => {
    const { text, errors, warnings } = await create(
      [
        ...[...DB, '--from-literal', "a='b'", '--from-literal', 'c='],
        ...['--from-file', many, '--from-file', `k=${cert}`, '--from-file', `${cert},l=${cert}`],
        ...['--from-env-file', env],
      ],
      { FROM_HERE: 'env' },
    );
    assert.deepEqual(errors, []);
    const file = certificatePem('c2048');
    // As `kubectl create secret generic` of Kubernetes 1.33 prints them.
    const wanted = {
      a: "'b'",
      c: '',
      one: '1',
      '.two': '2',
      k: file,
      'cert.pem': file,
      l: file,
      A: '"x y" ',
      FROM_HERE: 'env',
      C: 'd=e',
      '-x': '1',
    };
    const [items] = await itemsOf(text);
    assert.deepEqual({ ...items }, wanted);
    assert.ok(warnings.includes('(.env: the quotes are part of the value of A, as with kubectl)'));
    assert.ok(warnings.includes('warning: the value of "c" is empty'));
  });

  test('makes a SealedSecret with type, labels, annotations and hint, as YAML', async () => {
    const { text, warnings, errors } = await create([
      ...[...DB, '--from-file', `k=${cert}`, '--type', 'example.com/db', '--immutable'],
      ...['--label', 'app=shop', '--label', 'example.com/tier=', '--annotation', 'note=a=b, c'],
    ]);
    assert.deepEqual([warnings, errors], [['FILE: created the SealedSecret shop/db with k'], []]);
    assert.match(text, /^---\napiVersion: bitnami\.com\/v1alpha1\nkind: SealedSecret\n/);
    const { metadata, template } = sealedIn(text);
    assert.deepEqual([metadata.name, metadata.namespace], ['db', 'shop']);
    assert.equal(metadata.annotations.get(SEALING_KEY), fingerprint);
    assert.deepEqual([template.type, template.immutable], ['example.com/db', true]);
    assert.deepEqual(
      [...template.metadata.labels],
      [
        ['app', 'shop'],
        ['example.com/tier', ''],
      ],
    );
    assert.deepEqual([...template.metadata.annotations], [['note', 'a=b, c']]);
  });

  test('leaves the hint out with --key-hint=false', async () => {
    const { text } = await create([...DB, '--from-literal', 'a=b', '--key-hint=false']);
    assert.doesNotMatch(text, /sealing-key/);
  });

  for (const [scope, warning] of [
    ['namespace-wide', undefined],
    [
      'cluster-wide',
      '(generic db: cluster-wide: anyone who can create a SealedSecret in any namespace can unseal it there)',
    ],
  ] as const) {
    test(`seals for the scope ${scope}`, async () => {
      const { text, warnings } = await create([...DB, '--from-file', `k=${cert}`, '--scope', scope]);
      assert.equal(
        warnings.find((line) => line.includes('wide')),
        warning,
      );
      assert.equal(sealedIn(text).metadata.annotations.get(`sealedsecrets.bitnami.com/${scope}`), 'true');
      assert.equal((await itemsOf(text)).length, 1);
    });
  }

  test('prints YAML to stdout, or JSON with -o, and no report', async () => {
    const args = ['create', ...DB, '--from-file', `k=${cert}`, '--cert', cert];
    const yaml = await kubeseal(args);
    assert.deepEqual([yaml.code, yaml.stderr], [0, '']);
    assert.match(yaml.stdout, /^---\napiVersion/);
    assert.match((await kubeseal([...args, '-o', 'json'])).stdout, /^\{\n/);
    const recovered = await kubeseal(['--recovery-unseal', '--recovery-private-key', key], {
      stdin: yaml.stdout,
    });
    assert.match(
      recovered.stdout,
      new RegExp(`"k": "${Buffer.from(certificatePem('c2048')).toString('base64')}"`),
    );
  });

  test('writes JSON to a file with that name', async () => {
    const file = `${folder.path}/sealed.json`;
    await inProcess(['create', ...DB, '--from-literal', 'a=b', '--cert', cert, '-w', file]);
    assert.match(readFileSync(file, 'utf8'), /^\{\n/);
  });

  test('replaces an existing file only with --force', async () => {
    const { file } = await create([...DB, '--from-literal', 'a=b']);
    const before = readFileSync(file, 'utf8');
    const args = ['create', ...DB, '--from-literal', 'a=c', '--cert', cert, '-w', file];
    const { errors } = await inProcess(args);
    assert.deepEqual(errors, [
      `${file} exists: change its items with kubeseal set, or replace it with --force`,
    ]);
    assert.equal(readFileSync(file, 'utf8'), before);
    assert.deepEqual((await inProcess([...args, '--force'])).errors, []);
    assert.deepEqual(await itemsOf(readFileSync(file)), [{ a: 'c' }]);
  });

  test('with --dry-run, writes no file', async () => {
    const { text, warnings } = await create([...DB, '--from-file', `k=${cert}`, '--dry-run']);
    assert.equal(text, '');
    assert.deepEqual(warnings, [
      'FILE: created the SealedSecret shop/db with k (dry run: no file was written)',
    ]);
  });

  test('lets set know the values', async () => {
    const environment = { XDG_CACHE_HOME: `${folder.path}/cache` };
    const { file } = await create([...DB, '--from-literal', 'a=b'], environment);
    const { warnings } = await inProcess(['set', file, 'a=b'], systemClock, environment);
    assert.equal(warnings.at(-1), `${file}: a already has this value; nothing changed`);
  });
});

suite('kubeseal create docker-registry', () => {
  const PULL = ['docker-registry', 'pull', '-n', 'shop', '--username', 'u<é'];
  const password = folder.write('password', 'p&"\u007f\t\n');
  // The data that `kubectl create secret docker-registry` of Kubernetes 1.33 makes.
  const FROM_KUBECTL =
    'eyJhdXRocyI6eyJodHRwczovL2luZGV4LmRvY2tlci5pby92MS8iOnsidXNlcm5hbWUiOiJ1XHUwMDNjw6kiLCJwYXNzd29yZCI6InBcdTAwMjZcIn9cdCIsImVtYWlsIjoiZUB4IiwiYXV0aCI6ImRUekRxVHB3SmlKL0NRPT0ifX19';

  test('writes what kubectl writes, also with the names of its flags', async () => {
    const wanted = [{ '.dockerconfigjson': Buffer.from(FROM_KUBECTL, 'base64').toString() }];
    const { text, errors } = await create([...PULL, '--email', 'e@x', '--password-file', password]);
    assert.deepEqual(errors, []);
    assert.deepEqual(await itemsOf(text), wanted);
    assert.equal(sealedIn(text).template.type, 'kubernetes.io/dockerconfigjson');
    const kubectls = [
      '--docker-username',
      'u<é',
      '--docker-email',
      'e@x',
      '--docker-password',
      'p&"\u007f\t',
    ];
    const same = await create(['docker-registry', 'pull', '-n', 'shop', ...kubectls]);
    assert.deepEqual(await itemsOf(same.text), wanted);
    assert.match(same.warnings.join('\n'), /stays in the shell's history/);
  });

  test('reads the password from stdin, without the line break', async () => {
    const args = ['create', ...PULL, '--server', 'ghcr.io', '--password-stdin', '--cert', cert];
    const { stdout, stderr, code } = await kubeseal(args, { stdin: 'pw\r\n' });
    assert.deepEqual([code, stderr], [0, '']);
    const [items] = await itemsOf(stdout);
    assert.deepEqual(JSON.parse(items?.['.dockerconfigjson'] ?? ''), {
      auths: {
        'ghcr.io': { username: 'u<é', password: 'pw', auth: Buffer.from('u<é:pw').toString('base64') },
      },
    });
  });

  test('connects to the API server of the environment, not to the registry', async () => {
    const { prepared } = await import('./in-process.ts');
    const args = ['create', ...PULL, '--server', 'ghcr.io', '--password-stdin'];
    const { options } = (await prepared(args, { SEALED_SECRETS_SERVER: 'https://api' })).command;
    assert.ok(options.command === 'create');
    assert.deepEqual([options.cluster.server, options.cluster.username], ['https://api', undefined]);
    const generic = (await prepared(['create', ...DB, '--server', 'https://typed'])).command.options;
    assert.ok(generic.command === 'create');
    assert.equal(generic.cluster.server, 'https://typed');
  });
});

suite('kubeseal create tls', () => {
  test('takes a certificate and its key byte for byte', async () => {
    const chain = folder.write('chain.pem', `subject\n${certificatePem('c2048')}${certificatePem('b4096')}`);
    const { text, errors } = await create([
      'tls',
      'web',
      '-n',
      'shop',
      '--tls-cert',
      chain,
      '--tls-key',
      key,
    ]);
    assert.deepEqual(errors, []);
    assert.deepEqual(await itemsOf(text), [
      { 'tls.crt': readFileSync(chain, 'utf8'), 'tls.key': keyPem('c2048') },
    ]);
    assert.equal(sealedIn(text).template.type, 'kubernetes.io/tls');
  });

  const other = folder.write('other.pem', keyPem('b4096'));
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
  });
  const encrypted = folder.write('encrypted.pem', privateKey);
  const cases: [string, readonly string[], string][] = [
    [
      'a key of another certificate',
      ['--tls-cert', cert, '--tls-key', other],
      'the private key in other.pem does not belong to the certificate in cert.pem',
    ],
    [
      'a key in place of the certificate',
      ['--tls-cert', key, '--tls-key', key],
      'key.pem holds no certificate in PEM that can be read',
    ],
    [
      'a certificate in place of the key',
      ['--tls-cert', cert, '--tls-key', cert],
      'cert.pem holds no private key in PEM that can be read',
    ],
    [
      'an encrypted key',
      ['--tls-cert', cert, '--tls-key', encrypted],
      'encrypted.pem holds an encrypted private key, which no server could use: decrypt it first, as with openssl pkey',
    ],
    ['no key', ['--tls-cert', cert], 'create tls needs --tls-cert FILE and --tls-key FILE'],
  ];
  for (const [what, args, message] of cases) {
    test(`refuses ${what}`, async () => {
      const { errors, text } = await create(['tls', 'web', '-n', 'shop', ...args]);
      assert.deepEqual([errors, text], [[message], '']);
    });
  }
});

suite('kubeseal create refuses', () => {
  const cases: [string, readonly string[], RegExp][] = [
    [
      'no kind',
      [],
      /^create: specify what to create: generic, docker-registry, tls; as in kubeseal create generic NAME$/,
    ],
    ['another kind', ['opaque', 'db'], /^create: specify what to create/],
    ['no name', ['generic'], /^create generic: specify a name: kubeseal create generic NAME$/],
    ['a name that no Secret can have', ['generic', 'My_DB'], /^create generic: no Secret can have this name/],
    ['another word', ['generic', 'db', 'a=b'], /^create: unexpected argument "a=b"/],
    ['no items', DB, /^create generic needs items: --from-literal/],
    ['a literal without a key', [...DB, '--from-literal', '=hunter2'], /^--from-literal must be KEY=VALUE/],
    ['a literal without a value', [...DB, '--from-literal', 'hunter2'], /^--from-literal must be KEY=VALUE/],
    [
      'an item twice',
      [...DB, '--from-literal', 'A=b', '--from-env-file', env],
      /^--from-env-file: there is another item "A" already/,
    ],
    [
      'a name of an item',
      [...DB, '--from-literal', 'a b=hunter2'],
      /^--from-literal: no item of a Secret can have the name "a…"/,
    ],
    ['a file that is not there', [...DB, '--from-file', 'nosuch'], /nosuch/],
    [
      'a key for a folder',
      [...DB, '--from-file', `a=${many}`],
      /^--from-file: many is a folder, which has no key of its own$/,
    ],
    [
      'two equals signs',
      [...DB, '--from-file', 'a=b=c'],
      /^--from-file: neither a key nor a path can hold "="$/,
    ],
    [
      'a file without a key',
      [...DB, '--from-file', '=a'],
      /^--from-file: the key before the "=" is missing$/,
    ],
    [
      'a key without a file',
      [...DB, '--from-file', 'a='],
      /^--from-file: the path behind the "=" is missing$/,
    ],
    [
      'a bad line',
      [...DB, '--from-env-file', folder.write('bad.env', 'a=b\n1a=hunter2\n')],
      /^bad\.env: line 2 is not NAME=VALUE/,
    ],
    ['a bad label', [...DB, '--from-literal', 'a=b', '--label', 'a=b c'], /^--label a: the value must have/],
    [
      'a bad annotation',
      [...DB, '--from-literal', 'a=b', '--annotation', 'a/b/c=d'],
      /^--annotation: a key must be/,
    ],
    [
      'flags of another kind',
      [...DB, '--tls-cert', cert],
      /^create generic does not take --tls-cert, which is for create tls$/,
    ],
    [
      'no user',
      ['docker-registry', 'pull', '-n', 'a', '--password-stdin'],
      /^create docker-registry needs --username$/,
    ],
    [
      'two passwords',
      ['docker-registry', 'pull', '-n', 'a', '--username', 'u', '--password-stdin', '--password-file', cert],
      /^--password-stdin and --password-file cannot be used together$/,
    ],
  ];
  for (const [what, args, wanted] of cases) {
    test(what, async () => {
      const { errors, text } = await create(args);
      assert.deepEqual([errors.length, text], [1, '']);
      assert.match(errors.join(), wanted);
      assert.doesNotMatch(errors.join(), /hunter2/);
    });
  }
});
