import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Server } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { suite, test } from 'node:test';
import { line, type Reply } from '../../../controller/server/reply.ts';
import { boundAddress, closeServer, serve } from '../../../controller/server/server.ts';
import { watchTlsFiles, tlsFilesOf, readTlsPair, type TlsPair } from '../../../controller/server/tls.ts';
import { systemClock } from '../../../shared/clock.ts';
import { ask } from '../../support/ask.ts';
import { Authority } from '../../support/authority.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { certificateOf, pkcs8, rsa } from '../../support/keys.ts';
import { RawConnection } from '../../support/raw-connection.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { until } from '../../control-plane/until.ts';

const folder = temporaryFolder();
const authority = await Authority.make();
const first = authority.server(['first']);
const other = { certificate: await certificateOf(rsa()), key: pkcs8(rsa()) };
const files = {
  certFile: folder.write('tls.crt', first.certificate),
  keyFile: folder.write('tls.key', first.key),
};

suite('the TLS files', () => {
  test('must be given together or not at all', () => {
    assert.equal(tlsFilesOf({ tlsCertFile: '', tlsKeyFile: '' }), undefined);
    for (const flags of [
      { tlsCertFile: 'a', tlsKeyFile: '' },
      { tlsCertFile: '', tlsKeyFile: 'a' },
    ]) {
      assert.throws(
        () => tlsFilesOf(flags),
        /^SealedSecretsError: --tls-cert-file and --tls-key-file must be set together/,
      );
    }
  });

  test('are rejected if missing, empty or not a pair, and the error quotes none of their content', async () => {
    const missing = `${folder.path}/missing`;
    await assert.rejects(readTlsPair({ ...files, certFile: missing }), {
      message: `open ${missing}: no such file or directory`,
    });
    const empty = folder.write('empty', '');
    const foreign = folder.write('foreign.key', other.key);
    const noKey = folder.write('none.key', 'hunter2-canary');
    for (const keyFile of [foreign, noKey]) {
      await assert.rejects(readTlsPair({ ...files, keyFile }), {
        message: `cannot serve TLS: ${files.certFile} and ${keyFile} are not a PEM certificate and its key`,
      });
    }
    await assert.rejects(
      readTlsPair({ ...files, certFile: empty }),
      /are not a PEM certificate and its key$/,
    );
  });

  test('are reloaded when they change; an invalid pair is not used, and logged once', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const used: SecureContextOptions[] = [];
    const logged: string[] = [];
    const write = (message: string): void => void logged.push(message);
    const log = { info: write, warn: write, error: write };
    const server = { setSecureContext: (pair: SecureContextOptions) => void used.push(pair) };
    const before: TlsPair = await readTlsPair(files);
    const watching = watchTlsFiles({
      files,
      current: before,
      server,
      clock,
      log,
      signal: stop.signal,
    });
    const nextCheck = async (): Promise<void> => {
      await clock.pass(10_000);
      await until('the wait for the next check', () => (clock.waiting.length > 0 ? true : undefined));
    };
    await nextCheck();
    assert.deepEqual([used, logged], [[], []]);

    writeFileSync(files.keyFile, other.key);
    await nextCheck();
    await nextCheck();
    assert.deepEqual([used, logged], [[], ['failed to reload the TLS certificate; keeping the current one']]);

    const second = authority.server(['second']);
    writeFileSync(files.certFile, second.certificate);
    writeFileSync(files.keyFile, second.key);
    await nextCheck();
    assert.deepEqual(used, [{ cert: second.certificate, key: second.key }]);
    assert.equal(logged.at(-1), 'TLS certificate reloaded');
    stop.abort();
    await watching;
  });

  test('are served to clients, and replaced as soon as new ones are read', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const old = authority.server(['old']);
    writeFileSync(files.certFile, old.certificate);
    writeFileSync(files.keyFile, old.key);
    const pair = await readTlsPair(files);
    const address = { host: '127.0.0.1', port: 0 };
    const hello = (): Promise<Reply> => Promise.resolve(line(200, 'hello'));
    const server = await serve(address, hello, { clock, readTimeout: 0, writeTimeout: 0, tls: pair });
    assert.ok(server instanceof Server);
    try {
      const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
      const watching = watchTlsFiles({ files, current: pair, server, clock, log, signal: stop.signal });
      const url = `https://${boundAddress(server)}/`;
      assert.equal((await ask('GET', url, { ca: authority.certificate })).body, 'hello\n');
      await assert.rejects(ask('GET', url.replace('https', 'http')));

      const next = await Authority.make('next CA');
      const { certificate, key } = next.server(['new']);
      writeFileSync(files.certFile, certificate);
      writeFileSync(files.keyFile, key);
      await clock.pass(10_000);
      await until('the wait for the next check', () => (clock.waiting.length > 0 ? true : undefined));
      assert.equal((await ask('GET', url, { ca: next.certificate })).body, 'hello\n');
      await assert.rejects(ask('GET', url, { ca: authority.certificate }));
      stop.abort();
      await watching;
    } finally {
      await closeServer(server, systemClock);
    }
  });
});

suite('a server with TLS', () => {
  test('closes even if a client never starts its handshake', async () => {
    const tls = { cert: first.certificate, key: first.key };
    const hello = (): Promise<Reply> => Promise.resolve(line(200, 'hello'));
    const options = { clock: systemClock, readTimeout: 0, writeTimeout: 0, tls };
    const server = await serve({ host: '127.0.0.1', port: 0 }, hello, options);
    const accepted = new Promise((resolve) => server.once('connection', resolve));
    const silent = new RawConnection(`https://${boundAddress(server)}/`);
    await accepted;
    const started = systemClock.elapsed();
    await closeServer(server, systemClock);
    await silent.closed;
    // A handshake may take 10 s.
    assert.ok(systemClock.elapsed() - started < 8_000);
  });
});
