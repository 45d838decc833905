import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import { connect } from '../../../../shared/kubernetes/auth/connect.ts';
import { Transport } from '../../../../shared/kubernetes/http/transport.ts';
import { Authority } from '../../../support/authority.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { ObservingServer } from '../../../support/observing-server.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const folder = temporaryFolder();
const authority = await Authority.make();
const server = new ObservingServer(authority, authority.server(['localhost']));
const FUTURE = '2100-01-01T00:00:00Z';
const PAST = '2020-01-01T00:00:00Z';

before(() => server.start());
after(() => server.stop());
beforeEach(() => {
  server.seen.length = 0;
  server.answer = (_, response) => response.end('{}');
});

async function connected(name: string, config: object): Promise<Transport> {
  const ca = Buffer.from(authority.certificate).toString('base64');
  const kubeconfig = folder.write(
    'config',
    JSON.stringify({
      'current-context': 'a',
      clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority-data': ca } }],
      contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
      users: [{ name: 'u', user: { 'auth-provider': { name, config } } }],
    }),
  );
  return new Transport(await connect({ kubeconfig }, {}, { clock: new FakeClock() }));
}

async function get(transport: Transport): Promise<number> {
  return (await transport.request({ method: 'GET', path: '/probe' })).status;
}

function sent(): (string | undefined)[] {
  return server.seen.map(({ authorization }) => authorization);
}

/** Settings with a command that prints the text. */
function printing(text: string): object {
  const code = `require("fs").appendFileSync("${join(folder.path, 'ran')}", "."); process.stdout.write(${JSON.stringify(text)})`;
  const file = folder.write('print.cjs', code);
  return {
    'access-token': 'canary-old',
    expiry: PAST,
    'cmd-path': process.execPath,
    'cmd-args': file,
    'token-key': '{.credential.access_token}',
    'expiry-key': '{.credential.token_expiry}',
  };
}

for (const name of ['gcp', 'azure']) {
  suite(`a user of ${name}`, () => {
    test('sends its access token until it expires', async () => {
      const transport = await connected(name, { 'access-token': 'canary', expiry: FUTURE });
      assert.equal(await get(transport), 200);
      assert.deepEqual(sent(), ['Bearer canary']);
      transport.close();
    });

    test('sends the token that its command prints, and runs the command once until that expires', async () => {
      const answer = { credential: { access_token: 'canary-new', token_expiry: FUTURE } };
      const transport = await connected(name, printing(JSON.stringify(answer)));
      await get(transport);
      folder.write('print.cjs', 'process.exit(1)');
      await get(transport);
      assert.deepEqual(sent(), ['Bearer canary-new', 'Bearer canary-new']);
      transport.close();
    });

    test('runs its command again if the server refuses the token', async () => {
      const answer = { credential: { access_token: 'canary-new', token_expiry: FUTURE } };
      const transport = await connected(name, {
        ...printing(JSON.stringify(answer)),
        'access-token': 'canary-first',
        expiry: FUTURE,
      });
      server.answer = ({ headers }, response) =>
        response.writeHead(headers.authorization === 'Bearer canary-new' ? 200 : 401).end('{}');
      assert.equal(await get(transport), 200);
      assert.deepEqual(sent(), ['Bearer canary-first', 'Bearer canary-new']);
      transport.close();
    });

    for (const [what, output] of [
      ['nothing', ''],
      ['text', 'canary'],
      ['no token', '{"credential":{}}'],
    ] as const) {
      test(`is refused in one line that quotes nothing if its command prints ${what}`, async () => {
        const transport = await connected(name, printing(output));
        await assert.rejects(get(transport), (error: Error) => {
          assert.match(
            error.message,
            /user "u", auth-provider "\w+": its command \(cmd-path\) failed or printed no token: install/,
          );
          assert.doesNotMatch(error.message, /canary|\n/);
          return true;
        });
        assert.ok(existsSync(join(folder.path, 'ran')));
        assert.deepEqual(server.seen, []);
        transport.close();
      });
    }
  });
}
