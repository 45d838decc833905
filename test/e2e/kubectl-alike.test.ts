import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { connect } from '../../shared/kubernetes/auth/connect.ts';
import { Transport } from '../../shared/kubernetes/http/transport.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Overrides } from '../../shared/kubernetes/auth/kubeconfig/types.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { Authority } from '../support/authority.ts';
import { base64 } from '../support/objects.ts';
import { OidcIssuer, sendJson } from '../support/oidc-issuer.ts';
import { ObservingServer, type Observed } from '../support/observing-server.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

/**
 * Compares how the real kubectl and this client interpret a kubeconfig and flags: the requests that the server
 * receives, or that none is sent. Each case has some credentials, because without any, kubectl prompts on the
 * terminal and this client does not.
 */

const folder = temporaryFolder();
const [authority, stranger] = await Promise.all([Authority.make(), Authority.make('another CA')]);
const alice = authority.client('alice');
const bob = authority.client('bob');
const server = new ObservingServer(authority, authority.server(['localhost', 'api.example.test']));
const plain = new ObservingServer();
const issuer = new OidcIssuer(authority);
let binary = 'kubectl';
let tokens = { valid: '', expired: '', new: '' };

before(async () => {
  await Promise.all([server.start(), plain.start(), issuer.start()]);
  tokens = { valid: issuer.idToken(3600), expired: issuer.idToken(-60), new: issuer.idToken(3600) };
  issuer.token = (response, { form }) => {
    if (form['refresh_token'] === 'canary-ended') return sendJson(response, 400, { error: 'invalid_grant' });
    sendJson(response, 200, { token_type: 'Bearer', access_token: 'canary-access', id_token: tokens.new });
  };
  binary = (await findBinaries(['kubectl'], (line) => console.error(line))).get('kubectl') ?? 'kubectl';
});
after(() => {
  server.stop();
  plain.stop();
  issuer.stop();
});

/**
 * A folder with kubeconfigs and the files that they name. `SERVER` and `PLAIN` in a text stand for the servers' URLs.
 */
type Files = Readonly<Record<string, object | string>>;

interface Case {
  readonly files: Files;
  readonly flags?: Overrides;
  /** The files in KUBECONFIG; `config` by default. */
  readonly paths?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

const CA = { 'certificate-authority-data': base64(authority.certificate) };
const CLUSTER = { server: 'SERVER', ...CA };

/** Returns a kubeconfig with one context. */
function config(user: object, cluster: object = CLUSTER, more: object = {}, name = 'a'): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name: `${name}-cluster`, cluster }],
    contexts: [{ name, context: { cluster: `${name}-cluster`, user: `${name}-user`, ...more } }],
    users: [{ name: `${name}-user`, user }],
  };
}

const TOKEN = config({ token: 'canary-a' });
const PAIR = { 'client-certificate': 'alice.crt', 'client-key': 'alice.key' };
const PAIR_DATA = {
  'client-certificate-data': base64(alice.certificate),
  'client-key-data': base64(alice.key),
};
const BOB = { clientCertificate: 'FOLDER/bob.crt', clientKey: 'FOLDER/bob.key' };
const PLUGIN = `#!/bin/sh
echo "{\\"kind\\":\\"ExecCredential\\",\\"apiVersion\\":\\"$API\\",\\"status\\":{\\"token\\":\\"canary-$1-$KIND\\"}}"
`;
const exec = (more: object = {}): object => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: './plugin',
    args: ['exec'],
    env: [
      { name: 'API', value: 'client.authentication.k8s.io/v1' },
      { name: 'KIND', value: 'x' },
    ],
    interactiveMode: 'Never',
    ...more,
  },
});
/** A user whose ID token has expired. */
const oidc = (more: object): object => ({
  'auth-provider': {
    name: 'oidc',
    config: {
      'client-id': 'kube',
      'client-secret': 'canary-secret',
      'id-token': 'ID-EXPIRED',
      'refresh-token': 'canary-refresh',
      'idp-issuer-url': 'ISSUER',
      'idp-certificate-authority-data': base64(authority.certificate),
      ...more,
    },
  },
});
const V1BETA1 = 'client.authentication.k8s.io/v1beta1';

const CASES: Readonly<Record<string, Case>> = {
  'a token': { files: { config: TOKEN } },
  'YAML with comments, in another order': {
    files: {
      config: `# mine\nusers:\n- user: {token: canary-y}\n  name: u\ncurrent-context: c\ncontexts:\n- {name: c, context: {user: u, cluster: k}}\nclusters:\n- cluster: {server: "SERVER", insecure-skip-tls-verify: true}\n  name: k\nkind: Config\napiVersion: v1\npreferences: {}\n`,
    },
  },
  'no kind and no version': { files: { config: { ...TOKEN, kind: undefined, apiVersion: undefined } } },
  'another kind': { files: { config: { ...TOKEN, kind: 'Secret' } } },
  'another version': { files: { config: { ...TOKEN, apiVersion: 'v2' } } },
  'a field in another letter case': { files: { config: config({ Token: 'canary-a', ...PAIR_DATA }) } },
  'a token that is a number': { files: { config: config({ token: 123 }) } },
  'two entries of one name': {
    files: {
      config: { ...TOKEN, users: [1, 2].map((i) => ({ name: 'a-user', user: { token: `canary-${i}` } })) },
    },
  },
  'a broken file': { files: { config: '{{' } },
  'an empty file': { files: { config: '' } },
  'the first current-context of two files': {
    files: { one: TOKEN, two: config({ token: 'canary-b' }, CLUSTER, {}, 'b') },
    paths: ['one', 'two'],
  },
  'the current-context of the second, where the first has none': {
    files: { one: { ...TOKEN, 'current-context': '' }, two: config({ token: 'canary-b' }, CLUSTER, {}, 'b') },
    paths: ['one', 'two'],
  },
  'the first user of a name': {
    files: { one: TOKEN, two: config({ token: 'canary-second', as: 'second' }) },
    paths: ['one', 'two'],
  },
  'a context whose user is in another file': {
    files: { one: { ...TOKEN, users: [] }, two: config({ token: 'canary-b' }, CLUSTER, {}, 'a') },
    paths: ['one', 'two'],
  },
  'missing files among others': { files: { one: TOKEN }, paths: ['nosuch', 'one', 'neither'] },
  'a broken file among others': { files: { one: TOKEN, two: '{{' }, paths: ['one', 'two'] },
  'one file given, and another in the environment': {
    files: { config: TOKEN, given: config({ token: 'canary-given' }) },
    flags: { kubeconfig: 'FOLDER/given' },
  },
  'a given file that is missing': { files: { config: TOKEN }, flags: { kubeconfig: 'FOLDER/nosuch' } },
  'another context': {
    files: { one: TOKEN, two: config({ token: 'canary-b' }, CLUSTER, {}, 'b') },
    paths: ['one', 'two'],
    flags: { context: 'b' },
  },
  'a context that is missing': { files: { config: TOKEN }, flags: { context: 'b' } },
  'a current-context that is missing': { files: { config: { ...TOKEN, 'current-context': 'b' } } },
  'a current-context that is missing, and a server': {
    files: { config: { ...TOKEN, 'current-context': 'b' } },
    flags: { server: 'SERVER', insecureSkipTlsVerify: true },
  },
  'another user': {
    files: { one: TOKEN, two: config({ token: 'canary-b' }, CLUSTER, {}, 'b') },
    paths: ['one', 'two'],
    flags: { user: 'b-user' },
  },
  'a user that is missing': { files: { config: TOKEN }, flags: { user: 'b-user' } },
  'another cluster': {
    files: {
      one: config({ token: 'canary-a' }, { server: 'https://127.0.0.1:1' }),
      two: config({}, CLUSTER, {}, 'b'),
    },
    paths: ['one', 'two'],
    flags: { cluster: 'b-cluster' },
  },
  'a cluster that is missing': { files: { config: TOKEN }, flags: { cluster: 'b-cluster' } },
  'another server, with its CA': {
    files: { config: config({ token: 'canary-a' }, { server: 'https://127.0.0.1:1', ...CA }) },
    flags: { server: 'SERVER' },
  },
  'another token': { files: { config: TOKEN }, flags: { token: 'canary-flag' } },
  'a token file': {
    files: { 'sub/config': config({ tokenFile: 'token' }), 'sub/token': 'canary-file\n' },
    paths: ['sub/config'],
  },
  'a token and a token file': {
    files: { config: config({ token: 'canary-a', tokenFile: 'token' }), token: 'canary-file\n' },
  },
  'a token by flag and a token file': {
    files: { config: config({ tokenFile: 'token' }), token: 'canary-file\n' },
    flags: { token: 'canary-flag' },
  },
  'a token file that is missing': { files: { config: config({ tokenFile: 'nosuch' }) } },
  'a token and a token file that is missing': {
    files: { config: config({ token: 'canary-a', tokenFile: 'nosuch' }) },
  },
  'a name and password': { files: { config: config({ username: 'ann', password: 'canary:p' }) } },
  'a password by flag': { files: { config: config({ username: 'ann' }) }, flags: { password: 'canary' } },
  'a token and a name': { files: { config: TOKEN }, flags: { username: 'ann', password: 'canary' } },
  'a token file and a name': {
    files: { config: config({ tokenFile: 'token', username: 'ann', password: 'canary' }), token: 'canary' },
  },
  'a client certificate in files': {
    files: {
      'sub/config': config(PAIR),
      'sub/alice.crt': alice.certificate,
      'sub/alice.key': alice.key,
    },
    paths: ['sub/config'],
  },
  'a client certificate in the kubeconfig': { files: { config: config(PAIR_DATA) } },
  'a client certificate by flags, over one in the kubeconfig': {
    files: {
      config: config(PAIR),
      'alice.crt': alice.certificate,
      'alice.key': alice.key,
      'bob.crt': bob.certificate,
      'bob.key': bob.key,
    },
    flags: BOB,
  },
  'a client certificate twice': {
    files: {
      config: config({ ...PAIR, ...PAIR_DATA }),
      'alice.crt': alice.certificate,
      'alice.key': alice.key,
    },
  },
  'a client certificate without its key': {
    files: { config: config({ 'client-certificate-data': PAIR_DATA['client-certificate-data'] }) },
  },
  'a client certificate with the key of another': {
    files: { config: config({ ...PAIR_DATA, 'client-key-data': base64(stranger.client('x').key) }) },
  },
  'a client certificate whose file is missing': { files: { config: config(PAIR) } },
  'a client certificate and a token': { files: { config: config({ ...PAIR_DATA, token: 'canary-a' }) } },
  'base64 that is none': { files: { config: config({ 'client-certificate-data': 'canary!' }) } },
  'a CA file': {
    files: {
      config: config({ token: 'canary-a' }, { server: 'SERVER', 'certificate-authority': 'ca.crt' }),
      'ca.crt': authority.certificate,
    },
  },
  'a CA file that is missing': {
    files: { config: config({ token: 'canary-a' }, { server: 'SERVER', 'certificate-authority': 'ca.crt' }) },
  },
  'a CA file by flag, over another': {
    files: {
      config: config(
        { token: 'canary-a' },
        { server: 'SERVER', 'certificate-authority-data': base64(stranger.certificate) },
      ),
      'ca.crt': authority.certificate,
    },
    flags: { certificateAuthority: 'FOLDER/ca.crt' },
  },
  'a CA twice': {
    files: {
      config: config({}, { ...CLUSTER, 'certificate-authority': 'ca.crt' }),
      'ca.crt': authority.certificate,
    },
  },
  'another CA': {
    files: {
      config: config(
        { token: 'canary-a' },
        { server: 'SERVER', 'certificate-authority-data': base64(stranger.certificate) },
      ),
    },
  },
  'no CA': { files: { config: config({ token: 'canary-a' }, { server: 'SERVER' }) } },
  'a CA that is none': {
    files: {
      config: config(
        { token: 'canary-a' },
        { server: 'SERVER', 'certificate-authority-data': base64('canary') },
      ),
    },
  },
  'no verification': {
    files: { config: config({ token: 'canary-a' }, { server: 'SERVER', 'insecure-skip-tls-verify': true }) },
  },
  'no verification, and a CA': {
    files: { config: config({ token: 'canary-a' }, { ...CLUSTER, 'insecure-skip-tls-verify': true }) },
  },
  'no verification by flag, over a CA': { files: { config: TOKEN }, flags: { insecureSkipTlsVerify: true } },
  'a CA by flag, over no verification': {
    files: {
      config: config({ token: 'canary-a' }, { server: 'SERVER', 'insecure-skip-tls-verify': true }),
      'ca.crt': stranger.certificate,
    },
    flags: { certificateAuthority: 'FOLDER/ca.crt' },
  },
  'a name for TLS': {
    files: { config: config({ token: 'canary-a' }, { ...CLUSTER, 'tls-server-name': 'api.example.test' }) },
  },
  'a name for TLS that the server has not': {
    files: { config: config({ token: 'canary-a' }, { ...CLUSTER, 'tls-server-name': 'www.example.test' }) },
  },
  'a name for TLS by flag': { files: { config: TOKEN }, flags: { tlsServerName: 'api.example.test' } },
  'a name for TLS, and another server by flag': {
    files: { config: config({ token: 'canary-a' }, { ...CLUSTER, 'tls-server-name': 'www.example.test' }) },
    flags: { server: 'SERVER' },
  },
  'a login in the URL': {
    files: { config: config(PAIR_DATA, { ...CLUSTER, server: 'https://ann:canary@HOST' }) },
  },
  'a login in the URL, and a token': {
    files: { config: config({ token: 'canary-a' }, { ...CLUSTER, server: 'https://ann:canary@HOST' }) },
  },
  'a login in the URL of plain http': {
    files: { config: config({ token: 'canary-a' }, { server: 'http://ann:c%61nary@PLAINHOST' }) },
  },
  'plain http, where nothing is said of us': {
    files: { config: config({ token: 'canary-a' }, { server: 'PLAIN' }) },
  },
  'plain http, by host and port alone': {
    files: { config: config({ token: 'canary-a' }, { server: 'PLAINHOST' }) },
  },
  impersonation: {
    files: {
      config: config({
        token: 'canary-a',
        as: 'jürgen',
        'as-uid': 'u-1',
        'as-groups': ['dev', 'ops'],
        'as-user-extra': { 'example.com/reason x': ['one', 'two'], scopes: ['s'] },
      }),
    },
  },
  'impersonation by flags': {
    files: { config: config({ token: 'canary-a', as: 'old', 'as-groups': ['old'] }) },
    flags: { as: 'new', asGroup: ['g1', 'g,2'], asUid: 'u-2' },
  },
  'impersonation over plain http': {
    files: { config: config({}, { server: 'PLAIN' }) },
    flags: { as: 'new' },
  },
  'groups without a user': { files: { config: TOKEN }, flags: { asGroup: ['g'] } },
  'a user that the context does not find': {
    files: { config: { ...TOKEN, users: [] } },
    flags: { token: 'canary-flag' },
  },
  'a cluster that the context does not find': { files: { config: { ...TOKEN, clusters: [] } } },
  'a cluster without a server': { files: { config: config({ token: 'canary-a' }, CA) } },
  'flags alone': {
    files: { 'ca.crt': authority.certificate },
    paths: [],
    flags: { server: 'SERVER', certificateAuthority: 'FOLDER/ca.crt', token: 'canary-flag' },
  },
  'a plugin': { files: { 'sub/config': config(exec()), 'sub/plugin': PLUGIN }, paths: ['sub/config'] },
  'a plugin from PATH': {
    files: { config: config(exec({ command: 'plugin' })), plugin: PLUGIN },
    environment: { PATH: `FOLDER${delimiter}${process.env['PATH'] ?? ''}` },
  },
  'an old plugin without a mode': {
    files: {
      config: config(
        exec({ apiVersion: V1BETA1, interactiveMode: undefined, env: [{ name: 'API', value: V1BETA1 }] }),
      ),
      plugin: PLUGIN,
    },
  },
  'a plugin without a mode': {
    files: { config: config(exec({ interactiveMode: undefined })), plugin: PLUGIN },
  },
  'a plugin of a version that is gone': {
    files: { config: config(exec({ apiVersion: 'client.authentication.k8s.io/v1alpha1' })), plugin: PLUGIN },
  },
  'a plugin that answers in another version': {
    files: { config: config(exec({ apiVersion: V1BETA1 })), plugin: PLUGIN },
  },
  'a plugin that has to ask, and cannot': {
    files: { config: config(exec({ interactiveMode: 'Always' })), plugin: PLUGIN },
  },
  'a plugin that fails': { files: { config: config(exec()), plugin: '#!/bin/sh\nexit 3\n' } },
  'a plugin that is missing': { files: { config: config(exec()) } },
  'a plugin and a token': { files: { config: config({ ...exec(), token: 'canary-a' }), plugin: PLUGIN } },
  'a plugin and a token by flag': {
    files: { config: config(exec()), plugin: PLUGIN },
    flags: { token: 'canary-flag' },
  },
  'a plugin and a client certificate': {
    files: { config: config({ ...exec(), ...PAIR_DATA }), plugin: PLUGIN },
  },
  'a plugin over plain http': { files: { config: config(exec(), { server: 'PLAIN' }), plugin: PLUGIN } },
  'an OIDC provider': { files: { config: config(oidc({ 'id-token': 'ID-VALID' })) } },
  'an OIDC provider with an expired token': { files: { config: config(oidc({})) } },
  'an OIDC provider without a token': { files: { config: config(oidc({ 'id-token': '' })) } },
  'an OIDC provider without a client secret': { files: { config: config(oidc({ 'client-secret': '' })) } },
  'an OIDC provider with an ended session': {
    files: { config: config(oidc({ 'refresh-token': 'canary-ended' })) },
  },
  'an OIDC provider that cannot refresh': { files: { config: config(oidc({ 'refresh-token': '' })) } },
  'an OIDC provider of another CA': {
    files: { config: config(oidc({ 'idp-certificate-authority-data': base64(stranger.certificate) })) },
  },
  'an OIDC provider and a token': { files: { config: config({ ...oidc({}), token: 'canary-a' }) } },
  'an OIDC provider and a token by flag': {
    files: { config: config(oidc({})) },
    flags: { token: 'canary-flag' },
  },
  'an OIDC provider and a client certificate': { files: { config: config({ ...oidc({}), ...PAIR_DATA }) } },
  'an OIDC provider and a plugin': { files: { config: config({ ...oidc({}), ...exec() }), plugin: PLUGIN } },
  'an OIDC provider over plain http': { files: { config: config(oidc({}), { server: 'PLAIN' }) } },
  'a provider that is gone': { files: { config: config({ 'auth-provider': { name: 'gcp' } }) } },
  'a time limit': { files: { config: TOKEN }, flags: { requestTimeout: '1m30s' } },
  'a time limit that is none': { files: { config: TOKEN }, flags: { requestTimeout: '5 parsecs' } },
};

suite('the server sees the same from kubectl and from us with', () => {
  let index = 0;
  for (const [what, each] of Object.entries(CASES)) {
    test(what, async () => {
      const place = join(folder.path, String(++index));
      mkdirSync(place);
      const filled = (text: string): string =>
        text
          .replaceAll('PLAINHOST', plain.url.replace('http://', ''))
          .replaceAll('HOST', server.url.replace('https://', ''))
          .replaceAll('SERVER', server.url)
          .replaceAll('PLAIN', plain.url)
          .replaceAll('ISSUER', issuer.url)
          .replaceAll('ID-VALID', tokens.valid)
          .replaceAll('ID-EXPIRED', tokens.expired)
          .replaceAll('FOLDER', place);
      // Again for each program: both write new tokens into the kubeconfig.
      const writeFiles = (): void => {
        for (const [name, content] of Object.entries(each.files)) {
          const text = filled(typeof content === 'string' ? content : JSON.stringify(content));
          mkdirSync(dirname(join(place, name)), { recursive: true });
          writeFileSync(join(place, name), text, { mode: name.endsWith('plugin') ? 0o755 : 0o600 });
        }
      };
      const overrides = JSON.parse(filled(JSON.stringify(each.flags ?? {}))) as Overrides;
      const environment = {
        PATH: process.env['PATH'],
        HOME: join(place, 'home'),
        KUBECONFIG: (each.paths ?? ['config']).map((path) => join(place, path)).join(delimiter),
        ...(each.environment?.['PATH'] === undefined ? {} : { PATH: filled(each.environment['PATH']) }),
      };
      writeFiles();
      const theirs = await seenBy(async () => {
        const { code } = await run(binary, ['get', '--raw=/probe', ...flagsOf(overrides)], {
          env: environment,
        });
        return code === 0;
      });
      writeFiles();
      const ours = await seenBy(() => ask(overrides, environment));
      assert.deepEqual(ours, theirs);
    });
  }
});

/** Returns the requests that the servers receive during an attempt, or `refused` if the attempt fails. */
async function seenBy(attempt: () => Promise<boolean>): Promise<readonly Partial<Observed>[] | 'refused'> {
  server.seen.length = plain.seen.length = 0;
  const succeeded = await attempt();
  const seen = [...server.seen, ...plain.seen].filter(({ line }) => line.includes('/probe'));
  return succeeded
    ? // kubectl sends its time limit to the server, and accepts compressed answers.
      seen.map((each) => ({ ...each, line: each.line.replace(/\?.*/, ''), acceptEncoding: undefined }))
    : 'refused';
}

async function ask(overrides: Overrides, environment: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    const transport = new Transport(await connect(overrides, environment, { clock: systemClock }));
    const { status } = await transport.request({ method: 'GET', path: '/probe' });
    transport.close();
    return status === 200;
  } catch {
    return false;
  }
}

function flagsOf(overrides: Overrides): string[] {
  return Object.entries(overrides).flatMap(
    ([name, value]: [string, string | boolean | readonly string[]]) => {
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return (Array.isArray(value) ? value : [value]).map((each) => `${flag}=${String(each)}`);
    },
  );
}
