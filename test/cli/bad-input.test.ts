import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { suite, test } from 'node:test';
import { kubeseal, type RunOptions } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

const CANARY = 'hunter2-canary';
const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const pem = keyPem('c2048');
const key = folder.write('key.pem', pem);
const secretText = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: prod\nstringData:\n  password: ${CANARY}\n`;
const secret = folder.write('secret.yaml', secretText);
const kept = folder.write('kept.yaml', 'what was there before\n');

/** Runs kubeseal and checks that it fails with one line on stderr, prints nothing and writes nothing. */
async function refused(
  args: readonly string[],
  words: string | RegExp,
  options: RunOptions = {},
): Promise<void> {
  const files = readdirSync(folder.path);
  const { code, stdout, stderr } = await kubeseal([...args, '-w', kept], options);
  const [error, ...rest] = stderr.trimEnd().split('\n').reverse();
  assert.ok(error);
  if (typeof words === 'string') assert.equal(error, `error: ${words}`);
  else assert.match(error, words);
  assert.deepEqual(
    rest.filter((line) => !/^(warning: |\()/.test(line)),
    [],
    'one line, and notes before it',
  );
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.ok(!stderr.includes(CANARY), 'nothing secret is quoted');
  assert.equal(readFileSync(kept, 'utf8'), 'what was there before\n');
  assert.deepEqual(readdirSync(folder.path), files);
}

const TOO_DEEP = /^error: <stdin>: neither JSON nor YAML: nesting deeper than 100 at line \d+, column \d+$/;
const sealing = ['--cert', cert];
const stdin = (text: string | Buffer): RunOptions => ({ stdin: text });

suite('kubeseal refuses, in one line, an input that is', () => {
  const cases: [string, readonly string[], string | RegExp, RunOptions?][] = [
    ['not there', ['-f', 'nosuch.yaml'], 'open nosuch.yaml: no such file or directory'],
    ['a folder', ['-f', '/'], 'cannot read /: is a directory'],
    ['empty', [], '<stdin> holds no document: expected a Secret', stdin('')],
    ['only comments', [], '<stdin> holds no document: expected a Secret', stdin('# nothing\n---\n')],
    [
      'not YAML',
      [],
      '<stdin>: neither JSON nor YAML: a character is missing (a quote, bracket or comma) at line 2, column 1',
      stdin(`a: "${CANARY}\n`),
    ],
    [
      'half of a JSON text',
      [],
      /^error: <stdin>: neither JSON nor YAML: .* at line 1, column \d+$/,
      stdin(`{"stringData": {"a": "${CANARY}"`),
    ],
    [
      'not UTF-8',
      [],
      '<stdin> is not UTF-8 text',
      stdin(Buffer.from(secretText.replace('db', '\xe9'), 'latin1')),
    ],
    [
      'UTF-16',
      [],
      '<stdin> is not UTF-8 text but UTF-16: save it as UTF-8',
      stdin(Buffer.from(secretText, 'utf16le')),
    ],
    ['plain text', [], '<stdin> is a string, not an object', stdin(CANARY)],
    [
      'a ConfigMap',
      [],
      '<stdin>: document 2 is a ConfigMap, not a Secret',
      stdin(`${secretText}---\nkind: ConfigMap\n`),
    ],
    ['a SealedSecret', [], '<stdin> is a SealedSecret, not a Secret', stdin('kind: SealedSecret\n')],
    [
      'a ConfigMap in a List',
      [],
      '<stdin>: items[1] is a ConfigMap, not a Secret',
      stdin('kind: List\nitems: [{kind: Secret}, {kind: ConfigMap}]\n'),
    ],
    [
      'without items',
      [],
      'secret.data is empty in input Secret (<stdin>): nothing to seal; use --allow-empty-data to seal it anyway',
      stdin('metadata: {name: a, namespace: b}\n'),
    ],
    [
      'without a name',
      [],
      'missing metadata.name in input Secret (<stdin>); set it, or use --name',
      stdin('metadata: {namespace: b}\nstringData: {a: b}\n'),
    ],
    [
      'without a namespace',
      [],
      '<stdin>: metadata.namespace is missing, and the scope strict requires it; set it, or use --namespace',
      stdin('metadata: {name: a}\nstringData: {a: b}\n'),
    ],
    [
      'of another namespace',
      ['-n', 'other'],
      'namespace mismatch: input secret is in namespace "prod" but "other" was specified (<stdin>)',
      stdin(secretText),
    ],
    [
      'of a name that is none',
      [],
      '<stdin>: metadata.name: "D/b" is not a valid name: must not be empty or contain "/" or control characters',
      stdin(secretText.replace('db', 'D/b')),
    ],
    [
      'of a name that moves the cursor',
      [],
      /"\\u\{1b\}\[31mdb\\u\{7\}"/,
      stdin(secretText.replace('db', '"\\e[31mdb\\a"')),
    ],
    [
      'with an unquoted yes',
      [],
      '<stdin>: stringData.password is a boolean, not a string: put it in quotes',
      stdin(secretText.replace(CANARY, 'yes')),
    ],
    [
      'with an unquoted number',
      [],
      '<stdin>: stringData.password is a number, not a string: put it in quotes',
      stdin(secretText.replace(CANARY, '0123')),
    ],
    [
      'with an unquoted scope',
      [],
      '<stdin>: metadata.annotations["sealedsecrets.bitnami.com/cluster-wide"] is a boolean, not a string: put it in quotes',
      stdin(
        secretText.replace(
          '  name: db',
          '  name: db\n  annotations: {sealedsecrets.bitnami.com/cluster-wide: yes}',
        ),
      ),
    ],
    [
      'with a list for a value',
      [],
      '<stdin>: stringData.password is a list, not a string',
      stdin(secretText.replace(CANARY, `[${CANARY}]`)),
    ],
    [
      'with an item given twice',
      [],
      '<stdin>: neither JSON nor YAML: duplicate key at line 8, column 3',
      stdin(`${secretText}  password: ${CANARY}\n`),
    ],
    [
      'with broken base64',
      [],
      '<stdin>: data.a: illegal base64 data at input byte 7 (plain text belongs in stringData)',
      stdin(`metadata: {name: a, namespace: b}\ndata: {a: ${CANARY}}\n`),
    ],
    ...([150, 3_000, 50_000] as const).flatMap((depth): [string, readonly string[], RegExp, RunOptions][] => [
      [`nested ${depth} deep in lists`, [], TOO_DEEP, stdin(`a: ${'['.repeat(depth)}${']'.repeat(depth)}\n`)],
      [
        `nested ${depth} deep in JSON`,
        [],
        TOO_DEEP,
        stdin(`{"a": ${'['.repeat(depth)}${']'.repeat(depth)}}`),
      ],
    ]),
    ...([150, 2_000] as const).map((depth): [string, readonly string[], RegExp, RunOptions] => [
      `nested ${depth} deep in maps`,
      [],
      TOO_DEEP,
      stdin(Array.from({ length: depth }, (_, at) => `${' '.repeat(at)}a:`).join('\n')),
    ]),
    [
      'an alias bomb',
      [],
      /aliases expand to too much/,
      stdin(
        `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
      ),
    ],
  ];
  for (const [what, args, words, options] of cases) {
    test(what, () => refused([...sealing, ...args], words, options));
  }
});

suite('kubeseal refuses, in one line, a certificate that is', () => {
  const cases: [string, string, string | RegExp][] = [
    ['not there', 'nosuch.pem', 'open nosuch.pem: no such file or directory'],
    [
      'expired',
      folder.write('expired.pem', certificatePem('expired')),
      /^error: failed to encrypt using an expired certificate on \w+ \d+, \d{4} \(.*expired.pem\): fetch the cluster's newest one$/,
    ],
    [
      'a private key',
      key,
      /key.pem holds a private key, not a certificate: seal with the tls.crt of the sealing key's Secret$/,
    ],
    ['something else', secret, /secret.yaml holds no PEM certificate/],
    [
      'too large',
      folder.write('large.pem', Buffer.alloc(1024 * 1024 + 1)),
      /large.pem is larger than 1 MiB$/,
    ],
    ['at no URL', 'http://', '--cert: not a valid URL'],
    [
      'at a file URL with a host',
      'file://host/cert.pem',
      '--cert: a file URL must be file:// and an absolute path',
    ],
  ];
  for (const [what, file, words] of cases) {
    test(what, () => refused(['--cert', file, '-f', secret], words));
  }
});

suite('kubeseal refuses, in one line, a cluster that is', () => {
  const config = (server: string): string =>
    `apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters: [{name: c, cluster: {server: "${server}"}}]\n` +
    `contexts: [{name: a, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: ${CANARY}}}]\n`;
  const closed = folder.write('closed', config('https://127.0.0.1:1'));
  const cases: [string, readonly string[], string | RegExp, NodeJS.ProcessEnv?][] = [
    [
      'not configured',
      [],
      'no cluster is configured: no kubeconfig was found, and this is not a pod; use --cert FILE to seal without a cluster',
    ],
    [
      'not reached',
      ['--kubeconfig', closed],
      'cannot get sealed secret service: kube-system/sealed-secrets-controller: cannot reach https://127.0.0.1:1: connection refused',
    ],
    [
      'not reached, by environment',
      [],
      /cannot reach https:\/\/127.0.0.1:1: connection refused$/,
      { KUBECONFIG: `/nosuch:${closed}` },
    ],
    ['in no kubeconfig', ['--kubeconfig', 'nosuch'], 'open nosuch: no such file or directory'],
    [
      'in a broken kubeconfig',
      ['--kubeconfig', folder.write('broken', `{{ ${CANARY}`)],
      /broken: neither JSON nor YAML: [^{]* at line 1, column 2$/,
    ],
    [
      'in an empty kubeconfig',
      ['--kubeconfig', folder.write('empty', '')],
      /empty: no current-context; choose one with --context, /,
    ],
    [
      'in an unknown context',
      ['--kubeconfig', closed, '--context', 'b'],
      /closed: context "b" does not exist$/,
    ],
    [
      'without a server',
      ['--kubeconfig', folder.write('serverless', config('https://'))],
      /serverless: cluster "c": its server is not a URL such as https:\/\/example.com:6443$/,
    ],
  ];
  for (const [what, args, words, env] of cases) {
    test(what, () => refused(['-f', secret, ...args], words, env ? { env } : {}));
  }
});

suite('kubeseal --recovery-unseal refuses, in one line, a key that is', () => {
  const broken = pem.replace(/\n.{40}/, `\n${CANARY}`);
  const cases: [string, string, string | RegExp][] = [
    ['not there', 'nosuch.pem', 'open nosuch.pem: no such file or directory'],
    [
      'a certificate',
      cert,
      /cert.pem holds no private key: expected a PEM key, such as the tls.key of a sealing key's Secret$/,
    ],
    ['broken', folder.write('broken.pem', broken), /broken.pem holds no private key/],
    ['nothing', folder.write('nothing.pem', ''), /nothing.pem holds no private key/],
    ['another Secret', secret, /secret.yaml holds no private key/],
    ['some text', folder.write('text.pem', CANARY), /text.pem holds no private key/],
  ];
  for (const [what, file, words] of cases) {
    test(what, () =>
      refused(['--recovery-unseal', '--recovery-private-key', file], words, stdin('kind: SealedSecret\n')),
    );
  }

  test('given for another kind', () =>
    refused(
      ['--recovery-unseal', '--recovery-private-key', key, '-f', secret],
      /secret.yaml is a Secret, not a SealedSecret$/,
    ));
});

suite('kubeseal refuses flags', () => {
  const together: [readonly string[], string][] = [
    [['--recovery-unseal', '--fetch-cert'], '--recovery-unseal and --fetch-cert cannot be used together'],
    [['--recovery-unseal'], '--recovery-unseal requires --recovery-private-key FILE'],
    [
      ['--recovery-private-key', 'x'],
      '--recovery-private-key requires --recovery-unseal, --re-encrypt, --validate or --keep-unchanged',
    ],
  ];
  for (const [args, words] of together) test(`${args.join(' ')} with 1`, () => refused(args, words));

  const unparsed: [readonly string[], RegExp][] = [
    [['--nosuch'], /^error: unknown option '--nosuch'/],
    [['--scop', 'strict'], /^error: unknown option '--scop' \(Did you mean --scope\?\)\n$/],
    [
      ['--scope', 'wide'],
      /^error: option '--scope <scope>' must be strict or namespace-wide or cluster-wide\n$/,
    ],
    [['-o', 'xml'], /^error: option '-o, --format <format>' must be json or yaml\n$/],
    [['-f'], /^error: option '-f, --secret-file <file>' requires a value\n$/],
    [['--\u001b[31m'], /^error: unknown option '--\\u\{1b\}\[31m'\n$/],
  ];
  for (const [args, words] of unparsed) {
    test(`${JSON.stringify(args)} with 2`, async () => {
      const { code, stdout, stderr } = await kubeseal(args);
      assert.match(stderr, words);
      assert.equal(stdout, '');
      assert.equal(code, 2);
    });
  }
});

suite('kubeseal refuses an output file', () => {
  for (const [what, file, words] of [
    [
      'in no folder',
      '/nosuch/sealed.yaml',
      'error: cannot write /nosuch/sealed.yaml: no such file or directory\n',
    ],
    ['that is a folder', folder.path, `error: cannot write ${folder.path}: is a directory\n`],
  ] as const) {
    test(what, async () => {
      const { code, stdout, stderr } = await kubeseal([...sealing, '-f', secret, '-w', file]);
      assert.deepEqual([code, stdout, stderr], [1, '', words]);
      assert.ok(!readdirSync(folder.path).some((name) => name.endsWith('.tmp')));
    });
  }
  test('without leaving a temporary file beside it', () => assert.ok(!existsSync('/nosuch')));
});
