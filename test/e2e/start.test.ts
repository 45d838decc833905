import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { suite, test } from 'node:test';
import { freePort } from '../control-plane/server-process.ts';
import { ControllerProcess } from '../support/controller-process.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** A start that can never succeed fails at once, with the reason in one line. */
const folder = temporaryFolder();
const POD = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' };

async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; controller: ControllerProcess }> {
  const controller = new ControllerProcess(args, { HOME: folder.path, ...env });
  return { code: await controller.ended(), controller };
}

suite('a failed start logs one line', () => {
  const refused = async (args: readonly string[], env: NodeJS.ProcessEnv, failure: RegExp): Promise<void> => {
    const { code, controller } = await run(args, env);
    assert.equal(code, 1, controller.output);
    const [line, ...others] = controller.output.trimEnd().split('\n');
    assert.deepEqual(others, []);
    assert.deepEqual([controller.log[0]?.level, controller.log[0]?.message], ['error', 'cannot start'], line);
    assert.match(controller.log[0]?.failure ?? '', failure);
  };

  test('if its port is in use', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const args = ['--listen-addr', `127.0.0.1:${port}`];
    await refused(args, POD, /^cannot listen on 127\.0\.0\.1:\d+: address already in use$/);
    other.close();
  });

  test('if its address does not belong to this machine', async () => {
    const args = ['--listen-addr', '192.0.2.1:8080'];
    await refused(args, POD, /^cannot listen on 192\.0\.2\.1:8080: this machine does not have that address$/);
  });

  test("if the pod's token does not exist", async () => {
    const args = ['--listen-addr', '127.0.0.1:0', '--service-account-dir', folder.path];
    const failure = new RegExp(`^no cluster is configured: cannot read token and ca\\.crt in ${folder.path}`);
    await refused(args, POD, failure);
  });

  test('if there is neither a pod nor a kubeconfig', async () => {
    await refused(
      ['--listen-addr', '127.0.0.1:0'],
      {},
      /^no cluster is configured: not running in a pod, and no kubeconfig was found/,
    );
  });

  test('if the kubeconfig does not exist', async () => {
    const args = ['--listen-addr', '127.0.0.1:0', '--kubeconfig', `${folder.path}/none`];
    await refused(args, POD, /^open \/.+\/none: no such file or directory$/);
  });
});

suite('an invalid command line', () => {
  const refusals: [string[], RegExp, NodeJS.ProcessEnv?][] = [
    [['--no-such-flag'], /unknown option '--no-such-flag'/],
    [['--key-size', '1024'], /'--key-size <bits>' argument '1024' is invalid.+from 2048 to 16384/],
    [['--key-size=many'], /'--key-size <bits>' argument 'many' is invalid/],
    [['--listen-addr', '8080'], /'--listen-addr <address>' argument '8080' is invalid.+HOST:PORT or :PORT/],
    [['--listen-addr', ':99999'], /argument ':99999' is invalid/],
    [['--key-prefix'], /argument missing/],
    [['--key-renew-period=30'], /argument '30' is invalid.+a duration such as 720h, 1h30m or 0/],
    [['--rotate-period=-1h'], /'--key-renew-period <duration>' argument '-1h' is invalid/],
    [['--key-ttl=0'], /'--key-ttl <duration>' argument '0' is invalid.+at least 1s/],
    [['--key-order-priority=Newest'], /Expected CertNotBefore or SecretCreationTimestamp/],
    [['--key-cutoff-time=2024-01-01'], /Expected a date such as "Mon, 02 Jan 2006 15:04:05 -0700"/],
    [['--key-generation=sometimes'], /Expected auto or never/],
    [['--privatekey-labels=a'], /Expected NAME=VALUE,NAME=VALUE\./],
    [['--watch-for-secrets=maybe'], /argument 'maybe' is invalid.+true or false/],
    [[], /value 'x' from env 'SEALED_SECRETS_KEY_SIZE' is invalid/, { SEALED_SECRETS_KEY_SIZE: 'x' }],
  ];
  for (const [args, words, env = {}] of refusals) {
    test(`exits with 2 and one line: ${[...args, ...Object.keys(env)].join(' ')}`, async () => {
      const { code, controller } = await run(args, env);
      assert.equal(code, 2);
      assert.match(controller.output, words);
      assert.equal(controller.output.trimEnd().split('\n').length, 1, controller.output);
    });
  }

  test('does not include --version and --help', async () => {
    const version = await run(['--version']);
    assert.equal(version.code, 0);
    assert.match(version.controller.output, /^controller version: \d+\.\d+\.\d+\n$/);
    const help = await run(['--help']);
    assert.equal(help.code, 0);
    assert.match(help.controller.output, /--listen-addr/);
  });
});
