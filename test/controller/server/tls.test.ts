import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Server } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { suite, test } from 'node:test';
import { line, type Reply } from '../../../controller/server/reply.ts';
import { boundAddress, closeServer, serve } from '../../../controller/server/server.ts';
import { followPair, pairFilesOf, readPair, type Pair } from '../../../controller/server/tls.ts';
import { systemClock } from '../../../shared/clock.ts';
import { ask } from '../../support/ask.ts';
import { Authority } from '../../support/authority.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { certificateOf, pkcs8, rsa } from '../../support/keys.ts';
import { RawConnection } from '../../support/raw-connection.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { until } from '../../support/until.ts';

const folder = temporaryFolder();
const authority = await Authority.make();
const first = authority.server(['first']);
const other = { certificate: await certificateOf(rsa()), key: pkcs8(rsa()) };
const files = {
  certFile: folder.write('tls.crt', first.certificate),
  keyFile: folder.write('tls.key', first.key),
};

suite('the files for TLS', () => {
  test('are both named, or none', () => {
    assert.equal(pairFilesOf({ tlsCertFile: '', tlsKeyFile: '' }), undefined);
    for (const flags of [
      { tlsCertFile: 'a', tlsKeyFile: '' },
      { tlsCertFile: '', tlsKeyFile: 'a' },
    ]) {
      assert.throws(
        () => pairFilesOf(flags),
        /^SealedSecretsError: --tls-cert-file and --tls-key-file go together/,
      );
    }
  });

  test('are refused where they are missing, empty, or no pair, without a word of what is in them', async () => {
    const missing = `${folder.path}/missing`;
    await assert.rejects(readPair({ ...files, certFile: missing }), {
      message: `open ${missing}: no such file or directory`,
    });
    const empty = folder.write('empty', '');
    const foreign = folder.write('foreign.key', other.key);
    const noKey = folder.write('none.key', 'hunter2-canary');
    for (const keyFile of [foreign, noKey]) {
      await assert.rejects(readPair({ ...files, keyFile }), {
        message: `cannot serve TLS: ${files.certFile} and ${keyFile} are not a PEM certificate and its key`,
      });
    }
    await assert.rejects(readPair({ ...files, certFile: empty }), /are not a PEM certificate and its key$/);
  });

  test('are read again when they change; a broken pair is not used, and told once', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const used: SecureContextOptions[] = [];
    const told: string[] = [];
    const tell = (message: string): void => void told.push(message);
    const log = { info: tell, warn: tell, error: tell };
    const server = { setSecureContext: (pair: SecureContextOptions) => void used.push(pair) };
    const before: Pair = await readPair(files);
    const following = followPair(files, before, server, clock, log, stop.signal);
    const look = async (): Promise<void> => {
      await clock.pass(10_000);
      await until('the next look to be waited for', () => (clock.waiting.length > 0 ? true : undefined));
    };
    await look();
    assert.deepEqual([used, told], [[], []]);

    writeFileSync(files.keyFile, other.key);
    await look();
    await look();
    assert.deepEqual([used, told], [[], ['the TLS certificate from before stays in use']]);

    const second = authority.server(['second']);
    writeFileSync(files.certFile, second.certificate);
    writeFileSync(files.keyFile, second.key);
    await look();
    assert.deepEqual(used, [{ cert: second.certificate, key: second.key }]);
    assert.equal(told.at(-1), 'serving with another TLS certificate');
    stop.abort();
    await following;
  });

  test('are what is served with, and the new ones from the moment they are read', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const old = authority.server(['old']);
    writeFileSync(files.certFile, old.certificate);
    writeFileSync(files.keyFile, old.key);
    const pair = await readPair(files);
    const address = { host: '127.0.0.1', port: 0 };
    const hello = (): Promise<Reply> => Promise.resolve(line(200, 'hello'));
    const server = await serve(address, hello, { readTimeout: 0, writeTimeout: 0, tls: pair }, clock);
    assert.ok(server instanceof Server);
    try {
      const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
      const following = followPair(files, pair, server, clock, log, stop.signal);
      const url = `https://${boundAddress(server)}/`;
      assert.equal((await ask('GET', url, { ca: authority.certificate })).body, 'hello\n');
      await assert.rejects(ask('GET', url.replace('https', 'http')));

      const next = await Authority.make('next CA');
      const { certificate, key } = next.server(['new']);
      writeFileSync(files.certFile, certificate);
      writeFileSync(files.keyFile, key);
      await clock.pass(10_000);
      await until('the next look', () => (clock.waiting.length > 0 ? true : undefined));
      assert.equal((await ask('GET', url, { ca: next.certificate })).body, 'hello\n');
      await assert.rejects(ask('GET', url, { ca: authority.certificate }));
      stop.abort();
      await following;
    } finally {
      await closeServer(server, systemClock);
    }
  });
});

suite('a server with TLS', () => {
  test('closes though a client never begins its handshake', async () => {
    const tls = { cert: first.certificate, key: first.key };
    const hello = (): Promise<Reply> => Promise.resolve(line(200, 'hello'));
    const options = { readTimeout: 0, writeTimeout: 0, tls };
    const server = await serve({ host: '127.0.0.1', port: 0 }, hello, options, systemClock);
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
