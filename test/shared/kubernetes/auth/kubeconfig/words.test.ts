import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { systemClock } from '../../../../../shared/clock.ts';
import { connect, defaultNamespace } from '../../../../../shared/kubernetes/auth/connect.ts';
import type { Overrides } from '../../../../../shared/kubernetes/auth/kubeconfig/types.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';

const folder = temporaryFolder();
const CLUSTER = { server: 'https://api.example.test' };

function config(user: object, cluster: object = CLUSTER, more: object = {}): string {
  return JSON.stringify({
    'current-context': 'a',
    clusters: [{ name: 'c', cluster }],
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user }],
    ...more,
  });
}

/** Returns the error for a kubeconfig, without the name of the file. */
async function words(text: string, flags: Overrides = {}): Promise<string> {
  const kubeconfig = folder.write('config', text);
  try {
    const connection = await connect({ kubeconfig, ...flags }, {}, { clock: systemClock });
    await connection.access();
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(`${folder.path}/`, '') : '';
  }
  return '';
}

suite('a kubeconfig is refused in one line that quotes no value:', () => {
  const base64 = Buffer.from('canary').toString('base64');
  const table: [string, string, Overrides, string][] = [
    [
      'a number for a token',
      config({ token: 123 }),
      {},
      'config: users[0].user.token is a number, not a string: put it in quotes',
    ],
    ['a list for a user', config(['canary']), {}, 'config: users[0].user is a list, not an object'],
    [
      'a map for groups',
      config({ 'as-groups': { canary: 1 } }),
      {},
      'config: users[0].user.as-groups is a map, not a list',
    ],
    [
      'no base64',
      config({ 'client-key-data': 'canary!' }),
      {},
      'config: users[0].user.client-key-data: illegal base64 data at input byte 6',
    ],
    [
      'a name twice',
      config({}, CLUSTER, { users: [{ name: 'u' }, { name: 'u' }] }),
      {},
      'config: users: "u" is specified twice',
    ],
    [
      'a key twice',
      '{"users":[{"name":"u","user":{"token":"canary","token":"canary"}}]}',
      {},
      'config: neither JSON nor YAML: duplicate key at line 1, column 48',
    ],
    ['text', 'canary', {}, 'config is a string, not an object'],
    ['another kind', '{"kind":"Secret","data":{"a":"canary"}}', {}, 'config is a Secret, not a Config'],
    ['no context', config({ token: 'canary' }), { context: 'b' }, 'config: context "b" does not exist'],
    ['no cluster', config({ token: 'canary' }), { cluster: 'b' }, 'config: cluster "b" does not exist'],
    ['no user', config({ token: 'canary' }), { user: 'b' }, 'config: user "b" does not exist'],
    [
      'no URL',
      config({}, { server: 'https://' }),
      {},
      'config: cluster "c": its server is not a URL such as https://example.com:6443',
    ],
    [
      'another scheme',
      config({}, { server: 'ftp://ann:canary@x' }),
      {},
      'config: cluster "c": its server is not a URL such as https://example.com:6443',
    ],
    [
      'a token and a password',
      config({ token: 'canary' }),
      { username: 'ann' },
      'config: user "u": both a token and a username or password are set; keep one',
    ],
    [
      'gcp',
      config({
        'auth-provider': {
          name: 'gcp',
          config: { 'access-token': 'canary', expiry: '2020-01-01T00:00:00Z' },
        },
      }),
      {},
      'no credentials for the cluster: user "u", auth-provider "gcp": the access token is missing or has expired: install gke-gcloud-auth-plugin and run `gcloud container clusters get-credentials`',
    ],
    [
      'azure',
      config({ 'auth-provider': { name: 'azure', config: { 'access-token': 'canary', 'expires-on': '1' } } }),
      {},
      'no credentials for the cluster: user "u", auth-provider "azure": the access token is missing or has expired: install kubelogin and run `kubelogin convert-kubeconfig`',
    ],
    [
      'a provider and a plugin',
      config({
        'auth-provider': { name: 'oidc' },
        exec: { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'canary' },
      }),
      {},
      'config: user "u": both exec and auth-provider are set; keep one',
    ],
    [
      'a number in the settings of a provider',
      config({ 'auth-provider': { name: 'oidc', config: { 'id-token': 1 } } }),
      {},
      'config: users[0].user.auth-provider.config.id-token is a number, not a string: put it in quotes',
    ],
    [
      'an unknown provider',
      config({ 'auth-provider': { name: 'constructor' } }),
      {},
      'config: user "u": auth-provider "constructor" is not supported; use an exec plugin',
    ],
    [
      'no CA',
      config({}, { ...CLUSTER, 'certificate-authority-data': base64 }),
      {},
      'cluster "c": the certificate authority is not a PEM certificate (expected "-----BEGIN CERTIFICATE-----")',
    ],
    [
      'no CA file',
      config({}, { ...CLUSTER, 'certificate-authority': 'nosuch' }),
      {},
      'open nosuch: no such file or directory',
    ],
    [
      'a folder for a CA',
      config({}, { ...CLUSTER, 'certificate-authority': '.' }),
      {},
      `cannot read ${folder.path}: is a directory`,
    ],
    [
      'no pair',
      config({ 'client-certificate-data': base64, 'client-key-data': base64 }),
      {},
      'user "u": the client certificate and its key cannot be read as PEM, or do not belong together',
    ],
    [
      'lines in a token',
      config({ token: 'canary\ncanary' }),
      {},
      'user "u": the token contains invalid characters',
    ],
    [
      'lines in a name',
      config({ as: 'canary\r\nX: canary' }),
      {},
      'user "u": an impersonated name contains control characters',
    ],
    [
      'another proxy',
      config({}, { ...CLUSTER, 'proxy-url': 'ftp://ann:canary@x' }),
      {},
      'proxy-url: unsupported scheme; use http://, https:// or socks5://',
    ],
    [
      'no time',
      config({}),
      { requestTimeout: 'canary' },
      '--request-timeout: not a duration; use seconds, or a number with a unit (30s, 2m, 1h)',
    ],
  ];
  for (const [what, text, flags, expected] of table) {
    test(what, async () => assert.equal(await words(text, flags), expected));
  }
});

suite('the namespace', () => {
  const named = config({}, CLUSTER, {
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
  });
  const table: [string, string, Overrides, NodeJS.ProcessEnv, string | undefined][] = [
    ["is the context's", named, {}, {}, 'shop'],
    [
      'is that of the context even in a pod',
      named,
      {},
      { KUBERNETES_SERVICE_HOST: 'h', POD_NAMESPACE: 'pod' },
      'shop',
    ],
    ['is the usual one where the context names none', config({}), {}, {}, 'default'],
    [
      'is that of the pod where the context names none',
      config({}),
      {},
      { KUBERNETES_SERVICE_HOST: 'h', POD_NAMESPACE: 'pod' },
      'pod',
    ],
    ['is the usual one where only a server is given', '', { server: 'https://x' }, {}, 'default'],
    ['is that of the pod where no kubeconfig was found', '', {}, { POD_NAMESPACE: 'pod' }, 'pod'],
    ['is not known otherwise', '', {}, {}, undefined],
    [
      'needs no credentials',
      config(
        { 'client-certificate': 'nosuch', 'auth-provider': {} },
        { ...CLUSTER, 'certificate-authority': 'nosuch' },
      ),
      {},
      {},
      'default',
    ],
  ];
  for (const [what, text, flags, environment, expected] of table) {
    test(what, async () => {
      const kubeconfig = folder.write('config', text);
      const found = await defaultNamespace({ kubeconfig, ...flags }, environment);
      assert.equal(found?.namespace, expected);
    });
  }
});
