import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import { ProviderError } from '../../../../shared/kubernetes/auth/auth-provider.ts';
import { refreshTokens } from '../../../../shared/kubernetes/auth/oidc-refresh.ts';
import { parseKubeconfig } from '../../../../shared/kubernetes/auth/kubeconfig/parse.ts';
import { connect } from '../../../../shared/kubernetes/auth/connect.ts';
import { Transport } from '../../../../shared/kubernetes/http/transport.ts';
import { Authority } from '../../../support/authority.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { base64 } from '../../../support/objects.ts';
import { ObservingServer } from '../../../support/observing-server.ts';
import { OidcIssuer, sendJson } from '../../../support/oidc-issuer.ts';
import { HttpProxy } from '../../../support/proxy-server.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const folder = temporaryFolder();
const [authority, issuerAuthority] = await Promise.all([Authority.make(), Authority.make('issuer CA')]);
const server = new ObservingServer(authority, authority.server(['localhost']));
const issuer = new OidcIssuer(issuerAuthority, ['localhost', 'issuer.test']);
const warnings: string[] = [];
let clock = new FakeClock();
let file = '';

before(() => Promise.all([server.start(), issuer.start()]));
after(() => {
  server.stop();
  issuer.stop();
});
beforeEach(() => {
  server.seen.length = warnings.length = 0;
  server.answer = (_, response) => response.end('{}');
  issuer.reset();
  clock = new FakeClock(new Date().toISOString());
});

/** The settings of a user whose ID token has expired. */
function settings(): Record<string, string> {
  return {
    'client-id': 'kube',
    'client-secret': 'canary-secret',
    'id-token': issuer.idToken(-60),
    'refresh-token': 'canary-refresh',
    'idp-issuer-url': issuer.url,
    'idp-certificate-authority-data': base64(issuerAuthority.certificate),
  };
}

function write(config: object, user: object = {}): string {
  const ca = base64(authority.certificate);
  return folder.write(
    'config',
    JSON.stringify({
      'current-context': 'a',
      clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority-data': ca } }],
      contexts: [{ name: 'a', context: { cluster: 'c', user: 'ann' } }],
      users: [{ name: 'bob' }, { name: 'ann', user: { ...user, 'auth-provider': { name: 'oidc', config } } }],
    }),
  );
}

async function connected(config: object, environment: NodeJS.ProcessEnv = {}): Promise<Transport> {
  file = write(config);
  return reconnected(environment);
}

async function reconnected(environment: NodeJS.ProcessEnv = {}, kubeconfig = file): Promise<Transport> {
  const host = { clock, warn: (line: string): void => void warnings.push(line) };
  return new Transport(await connect({ kubeconfig }, environment, host));
}

async function get(transport: Transport): Promise<number> {
  return (await transport.request({ method: 'GET', path: '/probe' })).status;
}

/** The tokens that the API server received. */
function sent(): (string | undefined)[] {
  return server.seen.map(({ authorization }) => authorization?.replace('Bearer ', ''));
}

/** The settings in the kubeconfig. */
function stored(): Record<string, string> {
  const { users } = parseKubeconfig(readFileSync(file), file);
  return Object.fromEntries(users.get('ann')?.authProvider?.config ?? []);
}

suite('an OIDC user', () => {
  test('sends its ID token while it is valid, without asking the issuer', async () => {
    const token = issuer.idToken(3600);
    const transport = await connected({ ...settings(), 'id-token': token });
    assert.deepEqual([await get(transport), await get(transport)], [200, 200]);
    assert.deepEqual(sent(), [token, token]);
    assert.deepEqual(issuer.requests, []);
    transport.close();
  });

  test('refreshes an expired ID token once for concurrent requests', async () => {
    const transport = await connected(settings());
    await Promise.all([get(transport), get(transport), get(transport)]);
    assert.equal(new Set(sent()).size, 1);
    assert.deepEqual(issuer.requests, ['GET /.well-known/openid-configuration', 'POST /token']);
    await get(transport);
    assert.equal(issuer.refreshes.length, 1);
    transport.close();
  });

  test('gets a missing ID token', async () => {
    const transport = await connected({ ...settings(), 'id-token': '' });
    assert.equal(await get(transport), 200);
    assert.equal(issuer.refreshes.length, 1);
    transport.close();
  });

  for (const [what, metadata, secret, authorization, form] of [
    ['the Authorization header', {}, 'canary:+', `Basic ${base64('kube:canary%3A%2B')}`, {}],
    [
      'the body if the issuer accepts that',
      { token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'] },
      'canary',
      undefined,
      { client_id: 'kube', client_secret: 'canary' },
    ],
    ['no place if there is none', {}, '', undefined, { client_id: 'kube' }],
  ] as const) {
    test(`sends the client secret in ${what}`, async () => {
      issuer.metadata = metadata;
      const transport = await connected({ ...settings(), 'client-secret': secret });
      await get(transport);
      assert.deepEqual(issuer.refreshes, [
        { authorization, form: { grant_type: 'refresh_token', refresh_token: 'canary-refresh', ...form } },
      ]);
      transport.close();
    });
  }

  test('trusts the CA in a file beside the kubeconfig, and no other', async () => {
    folder.write('issuer.pem', issuerAuthority.certificate);
    const rest = { ...settings(), 'idp-certificate-authority-data': '' };
    const trusting = await connected({ ...rest, 'idp-certificate-authority': 'issuer.pem' });
    assert.equal(await get(trusting), 200);
    trusting.close();
    for (const pem of [{}, { 'idp-certificate-authority-data': base64(authority.certificate) }]) {
      const doubting = await connected({ ...rest, 'id-token': issuer.idToken(-60), ...pem });
      await assert.rejects(get(doubting), /its TLS certificate is not trusted$/);
      doubting.close();
    }
  });

  test('reaches its issuer through the proxy of the environment', async () => {
    const proxy = await new HttpProxy(() => issuer.port).start();
    const url = `https://issuer.test:${issuer.port}`;
    issuer.metadata = { issuer: url, token_endpoint: `${url}/token` };
    issuer.tokens = { id_token: issuer.idToken(3600, { iss: url }) };
    const environment = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    const transport = await connected({ ...settings(), 'idp-issuer-url': url }, environment);
    try {
      assert.equal(await get(transport), 200);
      assert.equal(proxy.seen.filter(({ line }) => line.includes(`issuer.test:${issuer.port}`)).length, 2);
    } finally {
      transport.close();
      proxy.stop();
    }
  });

  test('refreshes its token once if the server refuses it, and at most every 10 s', async () => {
    const first = issuer.idToken(3600);
    server.answer = ({ headers }, response) =>
      response.writeHead(headers.authorization === `Bearer ${first}` ? 401 : 200).end('{}');
    const transport = await connected({ ...settings(), 'id-token': first });
    assert.equal(await get(transport), 200);
    assert.equal(sent().length, 2);
    server.answer = (_, response) => response.writeHead(401).end('{}');
    for (let requests = 0; requests < 5; requests++) assert.equal(await get(transport), 401);
    assert.equal(issuer.refreshes.length, 1);
    await clock.pass(10_000);
    assert.equal(await get(transport), 401);
    assert.equal(issuer.refreshes.length, 2);
    transport.close();
  });

  test('takes the tokens that another program has written to the kubeconfig meanwhile', async () => {
    const first = issuer.idToken(3600);
    const transport = await connected({ ...settings(), 'id-token': first });
    await get(transport);
    const second = issuer.idToken(3600);
    write({ ...settings(), 'id-token': second });
    server.answer = ({ headers }, response) =>
      response.writeHead(headers.authorization === `Bearer ${first}` ? 401 : 200).end('{}');
    assert.equal(await get(transport), 200);
    assert.deepEqual(sent(), [first, first, second]);
    assert.deepEqual(issuer.requests, []);
    transport.close();
  });

  test('is not asked where the user has a token as well', async () => {
    file = write(settings(), { token: 'canary' });
    const transport = await reconnected();
    await get(transport);
    assert.deepEqual(sent(), ['canary']);
    transport.close();
  });
});

suite('the refreshed tokens of an OIDC user', () => {
  test('are written to the kubeconfig, which keeps every other byte and its mode', async () => {
    issuer.tokens = { refresh_token: 'canary-rotated' };
    const config = settings();
    file = write(config);
    const text = `# my cluster\n${readFileSync(file, 'utf8').replaceAll(',', ' , ')}\n# end\n`;
    writeFileSync(file, text);
    chmodSync(file, 0o640);
    const transport = await reconnected();
    await get(transport);
    const written = stored();
    assert.deepEqual([written['id-token'], written['refresh-token']], [sent()[0], 'canary-rotated']);
    assert.equal(
      readFileSync(file, 'utf8')
        .replace(written['id-token'] ?? '', config['id-token'] ?? '')
        .replace('canary-rotated', 'canary-refresh'),
      text,
    );
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => /tmp|lock/.test(name)),
      [],
    );
    transport.close();

    const next = await reconnected();
    await get(next);
    assert.equal(issuer.refreshes.length, 1);
    next.close();
  });

  test('are written through a symbolic link', async () => {
    file = write(settings());
    const link = join(folder.path, 'link');
    symlinkSync(file, link);
    const transport = await reconnected({}, link);
    await get(transport);
    assert.equal(stored()['id-token'], sent()[0]);
    assert.deepEqual(warnings, []);
    transport.close();
  });

  test('keep the refresh token that the issuer has not replaced', async () => {
    const transport = await connected(settings());
    await get(transport);
    assert.equal(stored()['refresh-token'], 'canary-refresh');
    assert.equal(stored()['id-token'], sent()[0]);
    transport.close();
  });

  test('are used without being written where another program holds the lock, with a warning if they must not be lost', async () => {
    for (const rotated of [false, true]) {
      issuer.tokens = rotated ? { refresh_token: 'canary-rotated' } : {};
      const transport = await connected(settings());
      const before = readFileSync(file, 'utf8');
      writeFileSync(`${file}.lock`, '');
      assert.equal(await get(transport), 200);
      assert.equal(readFileSync(file, 'utf8'), before);
      assert.ok(existsSync(`${file}.lock`));
      const [warning = ''] = warnings;
      if (rotated) {
        assert.match(
          warning,
          /^warning: cannot write .*config: another program holds .*config\.lock; the next run/,
        );
        assert.doesNotMatch(warning, /canary|\n/);
      } else assert.deepEqual(warnings, []);
      transport.close();
    }
  });
});

suite('an OIDC user is refused in one line without a token or a secret:', () => {
  const without = (name: string): (() => object) => {
    return () => ({ ...settings(), [name]: '' });
  };
  const answering =
    (set: () => void): (() => object) =>
    () => {
      set();
      return settings();
    };
  const token = (status: number, body: object): (() => object) =>
    answering(() => (issuer.token = (response) => sendJson(response, status, body)));
  const discovery = (metadata: object): (() => object) => answering(() => (issuer.metadata = metadata));
  const endless = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const pour = (): void => {
      while (response.write('"canary",'.repeat(1000)));
    };
    response.on('drain', pour);
    pour();
  };
  const cases: [string, () => object, RegExp][] = [
    [
      'no refresh token',
      without('refresh-token'),
      /cannot be refreshed without refresh-token: log in again$/,
    ],
    ['no issuer', without('idp-issuer-url'), /cannot be refreshed without idp-issuer-url: log in again$/],
    ['no settings', () => ({}), /without client-id and idp-issuer-url and refresh-token: log in again$/],
    [
      'a token that is not a JSON Web Token',
      () => ({ ...settings(), 'id-token': 'canary.canary.canary' }),
      /the id-token is not a JSON Web Token: log in again$/,
    ],
    [
      'an issuer over http',
      () => ({ ...settings(), 'idp-issuer-url': 'http://canary@127.0.0.1' }),
      /idp-issuer-url is not a URL that starts with https:\/\/$/,
    ],
    [
      'a CA that is not a certificate',
      () => ({ ...settings(), 'idp-certificate-authority-data': base64('canary') }),
      /idp-certificate-authority-data leads to no PEM certificate that can be read$/,
    ],
    [
      'a CA file that is missing',
      () => ({ ...settings(), 'idp-certificate-authority-data': '', 'idp-certificate-authority': 'nosuch' }),
      /idp-certificate-authority leads to no PEM certificate that can be read$/,
    ],
    [
      'an issuer that is not there',
      () => ({ ...settings(), 'idp-issuer-url': 'https://127.0.0.1:1' }),
      /cannot be refreshed at https:\/\/127.0.0.1:1: 127.0.0.1:1: connection refused$/,
    ],
    [
      'an ended session',
      token(400, { error: 'invalid_grant', error_description: 'canary' }),
      /does not accept the refresh token \(invalid_grant\): log in again$/,
    ],
    [
      'an unknown client',
      token(401, { error: 'invalid_client' }),
      /it refuses the client \(invalid_client\)$/,
    ],
    ['an error that quotes', token(400, { error: 'canary-refresh' }), /it answers with status 400$/],
    ['a broken issuer', token(500, {}), /it answers with another status than OpenID Connect defines$/],
    [
      'no new ID token',
      token(200, { token_type: 'Bearer', access_token: 'canary' }),
      /its answer holds no id_token$/,
    ],
    [
      'an ID token for another client',
      answering(() => (issuer.tokens = { id_token: issuer.idToken(3600, { aud: 'canary' }) })),
      /the new id-token is for another client or from another issuer$/,
    ],
    [
      'an ID token that has expired',
      answering(() => (issuer.tokens = { id_token: issuer.idToken(-3600) })),
      /the new id-token is not valid now: compare this machine's clock$/,
    ],
    [
      'an ID token that is a list',
      answering(() => (issuer.tokens = { id_token: ['canary'] })),
      /not as OpenID Connect defines it$/,
    ],
    [
      'the discovery document of another issuer',
      discovery({ issuer: 'https://canary.test' }),
      /its discovery document is for another issuer$/,
    ],
    [
      'a token endpoint over http',
      discovery({ token_endpoint: 'http://127.0.0.1:1/canary' }),
      /its token endpoint is not https$/,
    ],
    ['no token endpoint', discovery({ token_endpoint: undefined }), /not as OpenID Connect defines it$/],
    [
      'a redirect',
      answering(
        () => (issuer.discovery = (response) => response.writeHead(302, { location: server.url }).end()),
      ),
      /it answers with another status than OpenID Connect defines$/,
    ],
    [
      'a redirect of the token endpoint',
      answering(() => (issuer.token = (response) => response.writeHead(307, { location: server.url }).end())),
      /it answers with another status than OpenID Connect defines$/,
    ],
    [
      'a login page',
      answering(() => (issuer.discovery = (response) => response.end('<html>canary</html>'))),
      /not as OpenID Connect defines it$/,
    ],
    [
      'a huge discovery document',
      answering(() => (issuer.discovery = endless)),
      /its answer is larger than 1 MiB$/,
    ],
    [
      'a huge answer to the refresh',
      answering(() => (issuer.token = endless)),
      /its answer is larger than 1 MiB$/,
    ],
    [
      'a cut answer',
      answering(
        () =>
          (issuer.token = (response) =>
            response.writeHead(200, { 'content-length': '9' }).write('{', () => response.destroy())),
      ),
      /the connection was closed$/,
    ],
  ];
  for (const [what, config, words] of cases) {
    test(what, async () => {
      const transport = await connected(config());
      const refused = (error: Error): boolean => {
        assert.match(error.message, /^no credentials for the cluster: user "ann", auth-provider "oidc": /);
        assert.match(error.message, words);
        assert.doesNotMatch(error.message, /canary|\n/);
        return true;
      };
      await assert.rejects(get(transport), refused);
      const asked = issuer.requests.length;
      await assert.rejects(get(transport), refused);
      assert.equal(issuer.requests.length, asked, 'a failure is not repeated at once');
      await clock.pass(10_000);
      await assert.rejects(get(transport), refused);
      assert.equal(issuer.requests.length, 2 * asked);
      assert.deepEqual(server.seen, [], 'no request was sent without credentials');
      transport.close();
    });
  }
});

suite('a refresh has a time limit', () => {
  const slow = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const dripping = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(dripping));
  };
  for (const [what, set] of [
    [
      'of an issuer that sends its discovery document without end',
      (): void => void (issuer.discovery = slow),
    ],
    ['of an issuer that does not answer', (): void => void (issuer.discovery = () => undefined)],
    ['of a token endpoint that answers without end', (): void => void (issuer.token = slow)],
  ] as const) {
    test(what, async () => {
      set();
      const options = {
        settings: new Map(Object.entries(settings())),
        kubeconfig: 'config',
        environment: {},
      };
      await assert.rejects(
        refreshTokens({ ...options, timeLimit: 500 }),
        new ProviderError(
          `the id-token cannot be refreshed at ${issuer.url}: ${issuer.url.replace('https://', '')}: timed out`,
        ),
      );
    });
  }
});
