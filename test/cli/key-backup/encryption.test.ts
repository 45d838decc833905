import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import {
  armor,
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from 'age-encryption';
import { decryptBackup, encryptBackup, type Lock } from '../../../cli/key-backup/encryption.ts';
import { readIdentities } from '../../../cli/key-backup/identities.ts';
import { BACKUP_LIMIT, readBackupBytes } from '../../../cli/key-backup/limit.ts';
import { readRecipients } from '../../../cli/key-backup/recipients.ts';
import type { CliContext } from '../../../cli/context.ts';
import { systemClock } from '../../../shared/clock.ts';
import { SealedSecretsError } from '../../../shared/errors.ts';
import { NODE_ENTRY } from '../../../build/package.ts';
import { KUBESEAL } from '../../support/program.ts';
import { run } from '../../support/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { certificatePem } from '../../support/vectors.ts';

const [program] = KUBESEAL;
const TEXT = Buffer.from('the content of a backup\n');
const folder = temporaryFolder();
const context: CliContext = { environment: {}, clock: systemClock, warn: () => undefined };

let files = 0;
async function pair(kind: 'classical' | 'post-quantum'): Promise<{ file: string; recipient: string }> {
  const identity = await (kind === 'classical' ? generateX25519Identity() : generateHybridIdentity());
  const recipient = await identityToRecipient(identity);
  const file = folder.write(`identity-${++files}`, `# public key: ${recipient}\n\n${identity}\n`);
  return { file, recipient };
}

async function lockFor(...recipients: readonly string[]): Promise<Lock> {
  return { kind: 'recipients', recipients: await readRecipients(recipients, []) };
}

async function open(bytes: Buffer, { identity = '', passphrase = '' }): Promise<string> {
  const identities = identity === '' ? undefined : await readIdentities([identity]);
  const unlock = { identities, passphrase: passphrase === '' ? undefined : passphrase, at: 'keys.age' };
  return (await decryptBackup(bytes, unlock, context)).toString();
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SealedSecretsError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const own = await pair('classical');
const other = await pair('classical');
const sealed = await encryptBackup(TEXT, await lockFor(own.recipient), context);

suite('an encrypted backup', () => {
  for (const kind of ['classical', 'post-quantum'] as const) {
    test(`opens for each of two ${kind} recipients`, async () => {
      const [one, two, third] = [await pair(kind), await pair(kind), await pair(kind)];
      const bytes = await encryptBackup(TEXT, await lockFor(one.recipient, two.recipient), context);
      assert.equal(bytes.includes(TEXT), false);
      assert.equal(await open(bytes, { identity: one.file }), TEXT.toString());
      assert.equal(await open(bytes, { identity: two.file }), TEXT.toString());
      assert.match(await messageOf(open(bytes, { identity: third.file })), /encrypted to other recipients/);
    });
  }

  test('opens when it is armored', async () => {
    const text = armor.encode(sealed);
    assert.equal(await open(Buffer.from(text), { identity: own.file }), TEXT.toString());
    const damaged = text.replace('-----END', '----END');
    assert.match(await messageOf(open(Buffer.from(damaged), { identity: own.file })), /is damaged/);
  });

  test('opens with its passphrase, and with no other', async () => {
    const lock: Lock = { kind: 'passphrase', passphrase: 'corréct horse' };
    const bytes = await encryptBackup(TEXT, lock, context);
    assert.equal(await open(bytes, { passphrase: 'corréct horse' }), TEXT.toString());
    assert.match(
      await messageOf(open(bytes, { passphrase: 'wrong horse' })),
      /does not open with this passphrase/,
    );
    assert.match(await messageOf(open(bytes, { identity: own.file })), /use --passphrase/);
  });

  test('says what it needs', async () => {
    assert.match(await messageOf(open(sealed, {})), /^keys\.age is encrypted to recipients: .*--identity/);
    assert.match(await messageOf(open(sealed, { passphrase: 'x' })), /--identity/);
    assert.match(await messageOf(open(sealed, { identity: other.file })), /none of the identities opens it/);
  });

  test('is refused wherever it is cut', async () => {
    for (let length = 22; length < sealed.length; length++) {
      const message = await messageOf(open(sealed.subarray(0, length), { identity: own.file }));
      assert.match(message, /^keys\.age (is damaged|is encrypted to other recipients)/, String(length));
    }
  });

  test('is refused whichever byte is changed', async () => {
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      const opened = open(changed, { identity: own.file });
      // Without its first line it is no age file, and its reader refuses it.
      if (at < 'age-encryption.org/v'.length) assert.notEqual(await opened, TEXT.toString());
      else assert.match(await messageOf(opened), /^keys\.age (is damaged|is encrypted)/, String(at));
    }
  });

  test('is refused with bytes behind its end', async () => {
    for (const garbage of ['x', '\n', 'x'.repeat(70_000)]) {
      const bytes = Buffer.concat([sealed, Buffer.from(garbage)]);
      assert.match(await messageOf(open(bytes, { identity: own.file })), /is damaged/);
    }
  });

  test('is refused before it costs too much work or memory', async () => {
    const encrypter = new Encrypter();
    encrypter.setPassphrase('x');
    encrypter.setScryptWorkFactor(2);
    const cheap = Buffer.from(await encrypter.encrypt(TEXT)).toString('latin1');
    for (const factor of ['21', '40', '999999999999999999999']) {
      const bytes = Buffer.from(cheap.replace(/^(-> scrypt \S+) 2$/m, `$1 ${factor}`), 'latin1');
      assert.match(await messageOf(open(bytes, { passphrase: 'x' })), /more work than 2\^20/);
    }
    for (const factor of ['0', '-1', '1e1', '018']) {
      const bytes = Buffer.from(cheap.replace(/^(-> scrypt \S+) 2$/m, `$1 ${factor}`), 'latin1');
      assert.match(await messageOf(open(bytes, { passphrase: 'x' })), /is damaged/);
    }
    assert.equal(await open(Buffer.from(cheap, 'latin1'), { passphrase: 'x' }), TEXT.toString());
  });

  test('is refused if it is huge, before it is read', async () => {
    const file = folder.write('huge.age', Buffer.alloc(BACKUP_LIMIT.bytes + 1));
    assert.match(await messageOf(readBackupBytes(file, context)), /huge\.age is larger than 8 MiB$/);
  });
});

suite('recipients', () => {
  const lines = (...all: readonly string[]): string => folder.write(`recipients-${++files}`, all.join('\n'));

  test('come from flags and files, with comments', async () => {
    const file = lines('# the team', own.recipient, '', `  ${other.recipient}\r`);
    const texts = (await readRecipients([other.recipient], [file])).map(({ text }) => text);
    assert.deepEqual(texts, [other.recipient, own.recipient, other.recipient]);
  });

  test('are refused by place, and never quoted', async () => {
    const identity = await generateX25519Identity();
    const cases: [Promise<unknown>, RegExp][] = [
      [readRecipients([identity], []), /^--recipient is an age identity, which decrypts/],
      [readRecipients([own.recipient, identity.toLowerCase()], []), /^the --recipient 2 is an age identity/],
      [readRecipients([], [lines('# a', identity)]), /recipients-\d+: line 2 is an age identity/],
      [readRecipients([`${own.recipient.slice(0, -1)}q`], []), /^--recipient is not an age recipient/],
      [readRecipients(['bob@example.com'], []), /^--recipient is not an age recipient/],
      [readRecipients([], [lines('# nobody')]), /holds no age recipient$/],
    ];
    for (const [work, expected] of cases) {
      const message = await messageOf(work);
      assert.match(message, expected);
      assert.equal(message.includes(identity.slice(20, 40)), false);
    }
  });

  test('are not mixed from post-quantum and classical ones', async () => {
    const hybrid = await pair('post-quantum');
    const mixed = readRecipients([own.recipient, hybrid.recipient], []);
    assert.match(await messageOf(mixed), /of two kinds/);
  });

  test('of a plugin take the program age', async () => {
    const plugin = 'age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t';
    const lock = await lockFor(plugin);
    const message = await messageOf(encryptBackup(TEXT, lock, context));
    assert.match(message, /^--recipient takes the program age, which is not on PATH/);
  });
});

suite('identities', () => {
  test('are refused by place, and never quoted', async () => {
    const identity = await generateX25519Identity();
    const changed = `${identity.slice(0, -1)}${identity.endsWith('Q') ? 'P' : 'Q'}`;
    const file = folder.write('bad', `# mine\n${changed}\n`);
    assert.equal(
      await messageOf(readIdentities([file])),
      `${file}: line 2 is not an age identity: one begins with AGE-SECRET-KEY-1`,
    );
    assert.match(await messageOf(readIdentities([folder.write('none', '# x\n')])), /holds no age identity$/);
  });

  for (const [what, text] of [
    ['of a plugin', 'AGE-PLUGIN-YUBIKEY-1QQQQQQQQ\n'],
    ['of SSH', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n'],
    ['in an encrypted file', 'age-encryption.org/v1\n-> scrypt x 18\n'],
  ] as const) {
    test(`${what} take the program age`, async () => {
      const identity = folder.write(`foreign-${++files}`, text);
      const message = await messageOf(open(sealed, { identity }));
      assert.equal(
        message,
        `${join(identity)} takes the program age, which is not on PATH: install it ` +
          '(https://age-encryption.org) with its plugin',
      );
    });
  }
});

if (program === process.execPath) {
  test('kubeseal loads the library of age for backups only', async () => {
    const spy = folder.write(
      'spy.cjs',
      `process.on('exit', () => console.error(JSON.stringify(Object.keys(require.cache))));`,
    );
    const loadsAge = async (args: readonly string[]): Promise<boolean> => {
      const stdin = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';
      const ran = await run(program, ['-r', spy, NODE_ENTRY, ...args], { stdin, env: {} });
      const files = JSON.parse(ran.stderr.trim().split('\n').at(-1) ?? '') as string[];
      assert.ok(files.includes(NODE_ENTRY));
      return files.some((path) => readFileSync(path, 'utf8').includes('age-encryption.org/v1'));
    };
    const cert = folder.write('cert.pem', certificatePem('c2048'));
    assert.equal(await loadsAge(['--cert', cert]), false);
    assert.equal(await loadsAge(['keys', 'list', '--kubeconfig', '/nonexistent']), false);
    assert.equal(await loadsAge(['keys', 'verify-backup', '/nonexistent']), true);
  });
}
