import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import { connect } from '../../../../shared/kubernetes/auth/connect.ts';
import { batchLine } from '../../../../shared/kubernetes/auth/exec-plugin.ts';
import { Transport } from '../../../../shared/kubernetes/http/transport.ts';
import { Authority } from '../../../support/authority.ts';
import { FakeClock, STEPS } from '../../../support/fake-clock.ts';
import { ObservingServer } from '../../../support/observing-server.ts';
import { KUBESEAL } from '../../../support/program.ts';
import { run, kubeseal } from '../../../support/run.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const V1 = 'client.authentication.k8s.io/v1';
const folder = temporaryFolder();
const authority = await Authority.make();
const alice = authority.client('alice');
const server = new ObservingServer(authority, authority.server(['localhost']));
const runs = join(folder.path, 'runs');
const clock = new FakeClock();

before(() => server.start());
after(() => server.stop());
beforeEach(() => {
  folder.write('runs', '');
  server.seen.length = 0;
  server.answer = (_, response) => response.end('{}');
});

/** A plugin that counts its runs, records its input, and then runs the code. */
function plugin(code: string, name = 'plugin'): string {
  const note = `require('fs').appendFileSync(${JSON.stringify(runs)}, process.env.KUBERNETES_EXEC_INFO + '\\n');`;
  const file = folder.write(name, `#!${process.execPath}\n${note}\n${code}\n`);
  chmodSync(file, 0o755);
  return file;
}

function printing(status: object | string, apiVersion = V1): string {
  const credential = `{ kind: 'ExecCredential', apiVersion: '${apiVersion}', status: ${
    typeof status === 'string' ? status : JSON.stringify(status)
  } }`;
  return plugin(`console.log(JSON.stringify(${credential}))`);
}

function kubeconfig(exec: object, cluster: object = {}): string {
  const ca = Buffer.from(authority.certificate).toString('base64');
  return folder.write(
    'config',
    JSON.stringify({
      'current-context': 'a',
      clusters: [
        { name: 'c', cluster: { server: server.url, 'certificate-authority-data': ca, ...cluster } },
      ],
      contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
      users: [{ name: 'u', user: { exec: { apiVersion: V1, interactiveMode: 'Never', ...exec } } }],
    }),
  );
}

async function connected(exec: object, cluster?: object): Promise<Transport> {
  const environment = { PATH: process.env['PATH'] };
  return new Transport(await connect({ kubeconfig: kubeconfig(exec, cluster) }, environment, { clock }));
}

async function get(transport: Transport): Promise<number> {
  return (await transport.request({ method: 'GET', path: '/probe' })).status;
}

function inputs(): unknown[] {
  return readFileSync(runs, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

suite('an exec plugin', () => {
  test('returns a token, and receives its version and nothing else', async () => {
    const transport = await connected({ command: printing({ token: 'canary' }) });
    assert.equal(await get(transport), 200);
    assert.equal(server.seen[0]?.authorization, 'Bearer canary');
    assert.deepEqual(inputs(), [{ kind: 'ExecCredential', apiVersion: V1, spec: { interactive: false } }]);
    transport.close();
  });

  test('returns a client certificate', async () => {
    const status = { clientCertificateData: alice.certificate, clientKeyData: alice.key };
    const transport = await connected({ command: printing(status) });
    await get(transport);
    assert.equal(server.seen[0]?.certificate, 'alice');
    transport.close();
  });

  test('receives the cluster if it asks for it', async () => {
    const extension = { audience: 'x', nested: [1, true, null] };
    const cluster = {
      'tls-server-name': 'localhost',
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension }],
    };
    const exec = { command: printing({ token: 'canary' }), provideClusterInfo: true };
    const transport = await connected(exec, cluster);
    await get(transport);
    const info = {
      server: server.url,
      'tls-server-name': 'localhost',
      'certificate-authority-data': Buffer.from(authority.certificate).toString('base64'),
      config: extension,
    };
    assert.deepEqual(inputs(), [
      { kind: 'ExecCredential', apiVersion: V1, spec: { cluster: info, interactive: false } },
    ]);
    transport.close();
  });

  test('receives its arguments unchanged, and its own variables take precedence', async () => {
    const args = ['two words', '$HOME', '"quoted"', ''];
    const status = `{ token: Buffer.from(JSON.stringify([process.argv.slice(2), process.env.X])).toString('base64') }`;
    const transport = await connected({
      command: printing(status),
      args,
      env: [{ name: 'X', value: 'y z' }],
    });
    await get(transport);
    const token = (server.seen[0]?.authorization ?? '').replace('Bearer ', '');
    assert.deepEqual(JSON.parse(Buffer.from(token, 'base64').toString()), [args, 'y z']);
    transport.close();
  });

  test('runs once for concurrent requests, and again once its credential has expired', async () => {
    const expirationTimestamp = new Date(clock.now().getTime() + 60_000).toISOString();
    const transport = await connected({ command: printing({ token: 'canary', expirationTimestamp }) });
    await Promise.all([get(transport), get(transport), get(transport)]);
    await clock.pass(60_000);
    await get(transport);
    assert.equal(inputs().length, 1);
    await clock.pass(1);
    await get(transport);
    assert.equal(inputs().length, 2);
    transport.close();
  });

  for (const [name, step] of Object.entries(STEPS)) {
    test(`runs at most every 10 s when the clock steps by ${name}, and back`, async () => {
      const expirationTimestamp = new Date(clock.now().getTime() + 3600_000).toISOString();
      const transport = await connected({ command: printing({ token: 'canary', expirationTimestamp }) });
      await get(transport);
      for (const each of [step, -step]) {
        clock.stepWallClock(each);
        for (let requests = 0; requests < 5; requests++) await get(transport);
        await clock.pass(10_000);
      }
      assert.equal(inputs().length, 1);
      clock.stepWallClock(STEPS['+10 y']);
      for (let seconds = 0; seconds < 20; seconds++) {
        await get(transport);
        await clock.pass(1_000);
      }
      assert.equal(inputs().length, 3);
      clock.stepWallClock(-STEPS['+10 y']);
      transport.close();
    });
  }

  test('runs again only once if its credential is refused', async () => {
    const status = `{ token: 'run' + require('fs').readFileSync(${JSON.stringify(runs)}, 'utf8').trim().split('\\n').length }`;
    const transport = await connected({ command: printing(status) });
    server.answer = ({ headers }, response) =>
      response.writeHead(headers.authorization === 'Bearer run2' ? 200 : 401).end('{}');
    assert.equal(await get(transport), 200);
    assert.deepEqual(
      server.seen.map(({ authorization }) => authorization),
      ['Bearer run1', 'Bearer run2'],
    );
    server.answer = (_, response) => response.writeHead(401).end('{}');
    assert.equal(await get(transport), 401);
    assert.equal(inputs().length, 3);
    transport.close();
  });

  test('is not run from the working folder', async () => {
    const path = plugin('', 'in-the-folder');
    const config = kubeconfig({ command: 'in-the-folder' });
    for (const PATH of ['.', '', `.${delimiter}`]) {
      const env = { PATH, KUBECONFIG: config };
      const [command, ...first] = KUBESEAL;
      const ran = await run(command, [...first, '--fetch-cert'], {
        env,
        cwd: folder.path,
      });
      assert.match(ran.stderr, /exec plugin "in-the-folder": it is not installed\n$/);
    }
    assert.ok(existsSync(path));
    assert.deepEqual(inputs(), []);
  });

  test('inherits stderr, and its stdout is never shown', async () => {
    const command = plugin(
      "console.log('canary'); console.error('Log in at https://login.test'); process.exit(3)",
    );
    const { code, stdout, stderr } = await kubeseal([
      '--fetch-cert',
      '--kubeconfig',
      kubeconfig({ command }),
    ]);
    assert.equal(
      stderr,
      'Log in at https://login.test\n' +
        'error: cannot get sealed secret service: kube-system/sealed-secrets-controller: ' +
        `no credentials for the cluster: exec plugin "${command}": it failed with exit code 3\n`,
    );
    assert.deepEqual([code, stdout], [1, '']);
  });
});

suite('an exec plugin is refused without quoting its output:', () => {
  const answer =
    (text: string): (() => object) =>
    () => ({
      command: plugin(`process.stdout.write(${JSON.stringify(text)})`),
    });
  const status = (fields: object): (() => object) =>
    answer(JSON.stringify({ kind: 'ExecCredential', apiVersion: V1, status: fields }));
  const cases: [string, () => object, RegExp][] = [
    ['missing', () => ({ command: 'canary-no' }), /: it is not installed$/],
    [
      'missing, with a hint',
      () => ({ command: '/nosuch/plugin', installHint: 'Install it:\n\n  brew install\tit\u001b[31m' }),
      /: it is not installed: Install it: brew install it\\u\{1b\}\[31m$/,
    ],
    ['not executable', () => ({ command: folder.write('flat', '') }), /: the file is not executable$/],
    ['failing', () => ({ command: plugin('process.exit(7)') }), /: it failed with exit code 7$/],
    [
      'ended',
      () => ({ command: plugin("process.kill(process.pid, 'SIGTERM')") }),
      /: it was killed by SIGTERM$/,
    ],
    ['silent', answer(''), /: its output: it is empty$/],
    ['rubbish', answer('canary {'), /: its output/],
    ['a login page', answer('<html>canary</html>'), /: its output is a string, not an object$/],
    ['another kind', answer('{"kind":"Status","apiVersion":"v1"}'), /is a Status, not a ExecCredential$/],
    [
      'another version',
      answer('{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"}'),
      /has apiVersion client.authentication.k8s.io\/v1beta1, not client.authentication.k8s.io\/v1$/,
    ],
    ['no status', answer(JSON.stringify({ kind: 'ExecCredential', apiVersion: V1 })), /: it has no status$/],
    ['no credential', status({}), /: it has neither a token nor a client certificate$/],
    [
      'half a pair',
      status({ clientKeyData: 'canary' }),
      /only one of clientCertificateData and clientKeyData is set$/,
    ],
    [
      'a broken pair',
      status({ clientKeyData: 'canary', clientCertificateData: 'canary' }),
      /cannot be read as PEM/,
    ],
    ['a token of lines', status({ token: 'canary\ncanary' }), /the token contains invalid characters$/],
    [
      'a token that is none',
      status({ token: { canary: 1 } }),
      /: its output: status.token is a map, not a string$/,
    ],
    [
      'a date that is none',
      status({ token: 'canary', expirationTimestamp: 'canary' }),
      /not an RFC 3339 time$/,
    ],
    [
      'endless',
      () => ({ command: plugin("setInterval(() => process.stdout.write('canary'.repeat(10000)))") }),
      /larger than 1 MiB$/,
    ],
  ];
  for (const [what, exec, words] of cases) {
    test(what, async () => {
      const transport = await connected(exec());
      await assert.rejects(get(transport), (error: Error) => {
        assert.match(error.message, words);
        assert.doesNotMatch(error.message.replace('canary-no', ''), /canary|\n/);
        return true;
      });
      assert.deepEqual(server.seen, []);
      transport.close();
    });
  }
});

suite('a batch file on Windows', () => {
  test('accepts plain words', () =>
    assert.deepEqual(batchLine('C:\\Program Files\\az.cmd', ['get-token', '--id=a.b@c']), [
      '/d',
      '/s',
      '/c',
      '""C:\\Program Files\\az.cmd" "get-token" "--id=a.b@c""',
    ]));
  for (const word of ['a&b', '%PATH%', 'a"b', 'a|b', 'a^b', '(a)', 'a>b', '!a!', 'a\nb', '', 'a\\']) {
    test(`refuses ${JSON.stringify(word)}`, () => assert.equal(batchLine('az.cmd', [word]), undefined));
  }
});
