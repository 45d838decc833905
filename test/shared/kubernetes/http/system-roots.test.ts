import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import * as tls from 'node:tls';
import { systemRoots, type Machine } from '../../../../shared/kubernetes/http/system-roots.ts';
import { Authority } from '../../../support/authority.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const [first, second, third] = await Promise.all([
  Authority.make('first CA'),
  Authority.make('second CA'),
  Authority.make('third CA'),
]);
const [one, two, three] = [first.certificate, second.certificate, third.certificate];
const temporary = temporaryFolder();
let folders = 0;

function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = join(temporary.path, String(++folders));
  mkdirSync(path);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

function linux(files: readonly string[], inFolders: readonly string[] = []): Machine {
  return { platform: 'linux', places: { files, folders: inFolders } };
}

/** Returns the subjects of the roots, in order. */
function names(environment: NodeJS.ProcessEnv, machine: Machine): string[] {
  const pem = systemRoots(environment, machine)() ?? '';
  const all = pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
  return all.map((each) => new X509Certificate(each).subject.replace(/^CN=| CA$/g, ''));
}

suite("the system's roots", () => {
  test('are those of the first readable bundle and of all folders', () => {
    const files = folder({ 'a.pem': one, 'b.pem': two });
    const certs = folder({ 'c.pem': three });
    const paths = [join(files, 'none.pem'), files, join(files, 'a.pem'), join(files, 'b.pem')];
    assert.deepEqual(names({}, linux(paths)), ['first']);
    assert.deepEqual(names({}, linux(paths, [join(files, 'none'), certs])), ['first', 'third']);
    assert.deepEqual(names({}, linux([], [files, certs])).sort(), ['first', 'second', 'third']);
  });

  test("are Node's if there are none", () => {
    assert.equal(systemRoots({}, linux(['/nonexistent/a.pem'], ['/nonexistent']))(), undefined);
    const extra = join(folder({ 'extra.pem': one }), 'extra.pem');
    assert.equal(systemRoots({ NODE_EXTRA_CA_CERTS: extra }, linux([]))(), undefined);
  });

  test('include those of NODE_EXTRA_CA_CERTS', () => {
    const files = folder({ 'a.pem': one, 'extra.pem': two });
    const machine = linux([join(files, 'a.pem')]);
    assert.deepEqual(names({ NODE_EXTRA_CA_CERTS: join(files, 'extra.pem') }, machine), ['first', 'second']);
    assert.deepEqual(names({ NODE_EXTRA_CA_CERTS: join(files, 'none.pem') }, machine), ['first']);
  });

  test('are included once each, and nothing else is', () => {
    const damaged = one.replace(/\n.{60}/, '\nAAAA');
    const other = two.replaceAll(' CERTIFICATE', ' TRUSTED CERTIFICATE');
    const text = `# comment\n${damaged}${other}${one.replaceAll('\n', '\r\n')}${one}${three}`;
    assert.deepEqual(names({}, linux([join(folder({ a: text }), 'a')], [folder({ b: one })])), [
      'first',
      'third',
    ]);
  });

  test('do not come from links within a folder, from anything but files, or from unreadable files', () => {
    const elsewhere = folder({ 'b.pem': two });
    const certs = folder({ 'a.pem': one, 'secret.pem': three });
    symlinkSync('a.pem', join(certs, 'hash.0'));
    symlinkSync(join(elsewhere, 'b.pem'), join(certs, 'b.pem'));
    symlinkSync('/nonexistent/c.pem', join(certs, 'dangling.pem'));
    mkdirSync(join(certs, 'folder'));
    execFileSync('mkfifo', [join(certs, 'pipe')]);
    chmodSync(join(certs, 'secret.pem'), 0);
    const found = names({}, linux([], [certs])).sort();
    // The superuser can read any file.
    const readable = process.getuid?.() === 0 ? ['third'] : [];
    assert.deepEqual(found, ['first', 'second', ...readable]);
  });

  test('are read once, on first use', () => {
    const files = folder({ 'a.pem': one });
    const path = join(files, 'b.pem');
    const roots = systemRoots({ SSL_CERT_FILE: path }, linux([]));
    assert.throws(roots, { message: `SSL_CERT_FILE: open ${path}: no such file or directory` });
    writeFileSync(path, two);
    const before = roots();
    assert.ok(before);
    writeFileSync(path, three);
    assert.equal(roots(), before);
  });

  for (const platform of ['darwin', 'win32'] as const) {
    test(`are what Node can read on ${platform}`, () => {
      const roots = systemRoots(
        {},
        { platform, places: { files: [join(folder({ a: one }), 'a')], folders: [] } },
      )();
      const canRead = 'getCACertificates' in tls;
      assert.equal(roots === undefined, !canRead);
      assert.ok(!roots?.includes(one.trim()));
      const file = join(folder({ b: two }), 'b');
      assert.deepEqual(names({ SSL_CERT_FILE: file }, { platform, places: { files: [], folders: [] } }), [
        'second',
      ]);
    });
  }
});

suite('SSL_CERT_FILE and SSL_CERT_DIR', () => {
  const files = folder({ 'a.pem': one, 'b.pem': two, 'empty.pem': '' });
  const usual = linux([join(files, 'a.pem')], [folder({ 'c.pem': three })]);

  test('replace the bundle and the folders', () => {
    const [b, dir] = [join(files, 'b.pem'), folder({ 'b.pem': two })];
    assert.deepEqual(names({}, usual), ['first', 'third']);
    assert.deepEqual(names({ SSL_CERT_FILE: '', SSL_CERT_DIR: '' }, usual), ['first', 'third']);
    assert.deepEqual(names({ SSL_CERT_FILE: b }, usual), ['second', 'third']);
    assert.deepEqual(names({ SSL_CERT_DIR: dir }, usual), ['first', 'second']);
    assert.deepEqual(names({ SSL_CERT_FILE: b, SSL_CERT_DIR: dir }, usual), ['second']);
  });

  test('accept several folders', () => {
    const list = [folder({ a: two }), '', '/nonexistent', folder({ a: three })].join(':');
    assert.deepEqual(names({ SSL_CERT_DIR: list }, linux([])), ['second', 'third']);
  });

  test('do not fall back to other roots if they lead to none', () => {
    const empty = join(files, 'empty.pem');
    const cases: [NodeJS.ProcessEnv, string][] = [
      [{ SSL_CERT_FILE: empty }, 'SSL_CERT_FILE: no certificate found'],
      [{ SSL_CERT_DIR: '/nonexistent' }, 'SSL_CERT_DIR: no certificate found'],
      [{ SSL_CERT_FILE: files }, `SSL_CERT_FILE: cannot read ${files}: is a directory`],
    ];
    for (const [environment, message] of cases) {
      assert.throws(systemRoots(environment, linux([])), { message });
    }
    const both = { SSL_CERT_FILE: empty, SSL_CERT_DIR: folder() };
    const message = 'SSL_CERT_FILE and SSL_CERT_DIR: no certificate found';
    assert.throws(systemRoots(both, usual), { message });
  });
});

suite('a trust store is refused', () => {
  test('with more than 8 MiB', () => {
    const half = `${one}${' '.repeat(4 * 1024 * 1024 - one.length)}`;
    const certs = folder({ a: half, b: half });
    assert.deepEqual(names({}, linux([], [certs])), ['first']);
    assert.throws(systemRoots({}, linux([join(folder({ c: ' ' }), 'c')], [certs])), {
      message: new RegExp(`^the trust store \\(${certs}/[ab]\\) is larger than 8 MiB$`),
    });
    assert.throws(systemRoots({ SSL_CERT_FILE: '/dev/zero' }, linux([])), {
      message: 'SSL_CERT_FILE: the trust store (/dev/zero) is larger than 8 MiB',
    });
  });

  test('with more than 2048 certificates', () => {
    const der = Buffer.from(one.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    const distinct = (count: number): string =>
      Array.from({ length: count }, (_, i) => {
        // Changes the signature, which is at the end and is not checked.
        der.writeUInt32BE(i, der.length - 4);
        return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
      }).join('');
    const path = join(folder({ a: distinct(2048) }), 'a');
    assert.equal(names({}, linux([path])).length, 2048);
    writeFileSync(path, distinct(2049));
    assert.throws(systemRoots({}, linux([path])), {
      message: `the trust store (${path}) is larger than 2048 certificates`,
    });
  });

  test('with more than 16384 files', () => {
    const certs = folder();
    for (let i = 0; i < 16_384; i++) symlinkSync('x', join(certs, String(i)));
    assert.equal(systemRoots({}, linux([], [certs]))(), undefined);
    assert.throws(systemRoots({}, linux([], [folder({ a: one }), certs])), {
      message: `the trust store (${certs}) is larger than 16384 files`,
    });
  });
});
