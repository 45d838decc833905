import assert from 'node:assert/strict';
import { type KeyObject } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, suite, test } from 'node:test';
import { decryptBackup, encryptBackup, type Lock } from '../../../cli/key-backup/encryption.ts';
import { readIdentities } from '../../../cli/key-backup/identities.ts';
import { readRecipients } from '../../../cli/key-backup/recipients.ts';
import type { CliContext } from '../../../cli/context.ts';
import { systemClock } from '../../../shared/clock.ts';
import { canBuild, findBinaries, haveBinaries } from '../../control-plane/binaries.ts';
import { pkcs1, rsa } from '../../support/keys.ts';
import { run } from '../../support/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { hasTerminal, TerminalProgram } from '../terminal-program.ts';

const TEXT = Buffer.from('the content of a backup\n'.repeat(10_000));
const PASSPHRASE = 'corréct horse';
const folder = temporaryFolder();
const possible = (await haveBinaries(['age', 'age-keygen'])) || (await canBuild());

let age: string;
let keygen: string;
let context: CliContext;
before(async () => {
  if (!possible) return;
  const found = await findBinaries(['age', 'age-keygen'], console.error);
  age = found.get('age') ?? '';
  keygen = found.get('age-keygen') ?? '';
  const environment = { PATH: `${dirname(age)}:${folder.path}` };
  context = { environment, clock: systemClock, warn: () => undefined };
});

let files = 0;
function next(name: string): string {
  return join(folder.path, `${name}-${++files}`);
}

/** Makes an identity with age-keygen. */
async function pair(...args: readonly string[]): Promise<{ file: string; recipient: string }> {
  const file = next('identity');
  assert.equal((await run(keygen, [...args, '-o', file])).code, 0);
  const { stdout } = await run(keygen, ['-y', file]);
  return { file, recipient: stdout.trim() };
}

/**
 * A plugin of age (https://c2sp.org/age-plugin) that hides a file key in plain sight. It stands for those that ask
 * hardware.
 */
const PLUGIN = `#!${process.execPath}
const { readSync, writeSync } = require('node:fs');
const line = () => {
  const bytes = [];
  for (const byte = Buffer.alloc(1); ; bytes.push(byte[0])) {
    if (readSync(0, byte) === 0) process.exit(1);
    if (byte[0] === 10) return String.fromCharCode(...bytes);
  }
};
const body = () => {
  const text = line();
  return text.length < 64 ? text : text + body();
};
const stanza = () => ({ words: line().slice(3).split(' '), body: body() });
const say = (...lines) => writeSync(1, lines.join('\\n') + '\\n');
const flip = (body) => Buffer.from(Buffer.from(body, 'base64').map((byte) => byte ^ 85)).toString('base64').replace(/=+$/, '');
const seen = [];
do seen.push(stanza()); while (seen.at(-1).words[0] !== 'done');
const wrapped = seen.find(({ words }) => words[0] === 'recipient-stanza' && words[2] === 'toy');
const file = seen.find(({ words }) => words[0] === 'wrap-file-key');
if (process.argv[2] === '--age-plugin=recipient-v1') say('-> recipient-stanza 0 toy', flip(file.body));
else say('-> file-key 0', flip(wrapped.body));
stanza();
say('-> done', '');
`;

function pluginPair(): { file: string; recipient: string } {
  chmodSync(folder.write('age-plugin-toy', PLUGIN), 0o755);
  const file = folder.write('plugin-identity', 'AGE-PLUGIN-TOY-1W3HHJN6HVV8\n');
  return { file, recipient: 'age1toy1w3hhjuj5ahe' };
}

/** A key as ssh-keygen makes it: the private one in PEM, the public one on one line. */
function sshPair(): { file: string; recipient: string } {
  const key = rsa();
  const file = folder.write(`ssh-${++files}`, pkcs1(key));
  chmodSync(file, 0o600);
  return { file, recipient: `ssh-rsa ${sshPublicKey(key)} alice@example.com` };
}

function sshPublicKey(key: KeyObject): string {
  const { e = '', n = '' } = key.export({ format: 'jwk' });
  const numbers = [e, n].map((each) => Buffer.from(each, 'base64url'));
  const positive = numbers.map((each) =>
    each.readUInt8() & 0x80 ? Buffer.concat([Buffer.of(0), each]) : each,
  );
  const fields = [Buffer.from('ssh-rsa'), ...positive].flatMap((each) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(each.length);
    return [length, each];
  });
  return Buffer.concat(fields).toString('base64');
}

async function ours(bytes: Buffer, identity: string): Promise<string> {
  const identities = await readIdentities([identity]);
  return (await decryptBackup(bytes, { identities, passphrase: undefined, at: 'x' }, context)).toString();
}

suite('the program age', { skip: possible ? false : 'neither age nor Go' }, () => {
  const kinds: [string, () => Promise<{ file: string; recipient: string }>][] = [
    ['a recipient of age', () => pair()],
    ['a post-quantum recipient', () => pair('-pq')],
    ['a recipient of the program alone', () => Promise.resolve(sshPair())],
    ['a recipient of a plugin', () => Promise.resolve(pluginPair())],
  ];
  for (const [what, make] of kinds) {
    test(`opens what kubeseal encrypts to ${what}, and the other way round`, async () => {
      const { file, recipient } = await make();
      const lock: Lock = { kind: 'recipients', recipients: await readRecipients([recipient], []) };
      const backup = folder.write(`backup-${++files}`, await encryptBackup(TEXT, lock, context));
      const opened = await run(age, ['--decrypt', '--identity', file, backup], { env: context.environment });
      assert.equal(opened.stdout, TEXT.toString(), opened.stderr);

      for (const form of [[], ['--armor']]) {
        const theirs = next('theirs');
        const args = ['--encrypt', ...form, '--recipient', recipient, '--output', theirs];
        const made = await run(age, args, { stdin: TEXT, env: context.environment });
        assert.equal(made.code, 0, made.stderr);
        assert.equal(await ours(readFileSync(theirs), file), TEXT.toString());
      }
    });
  }

  test('tells why it fails, and kubeseal that it failed', async () => {
    const [one, two] = [sshPair(), sshPair()];
    const lock: Lock = { kind: 'recipients', recipients: await readRecipients([one.recipient], []) };
    const bytes = await encryptBackup(TEXT, lock, context);
    await assert.rejects(
      ours(bytes, two.file),
      /the program age could not decrypt the backup: .*exit code 1/,
    );
  });

  test(
    'opens what kubeseal encrypts with a passphrase, and the other way round',
    { skip: hasTerminal() ? false : 'there is no "script" here' },
    async () => {
      const lock: Lock = { kind: 'passphrase', passphrase: PASSPHRASE };
      const backup = folder.write(`backup-${++files}`, await encryptBackup(TEXT, lock, context));
      const output = next('opened');
      const opening = new TerminalProgram(['--decrypt', '--output', output, backup], '', [age]);
      await opening.answer('Enter passphrase', `${PASSPHRASE}\r`);
      const opened = await opening.ended();
      assert.equal(opened.code, 0, opened.shown);
      assert.equal(readFileSync(output, 'utf8'), TEXT.toString());

      const plain = folder.write(`plain-${++files}`, TEXT);
      const theirs = next('theirs');
      const making = new TerminalProgram(['--passphrase', '--output', theirs, plain], '', [age]);
      await making.answer('Enter passphrase', `${PASSPHRASE}\r`);
      await making.answer('Confirm passphrase', `${PASSPHRASE}\r`);
      const made = await making.ended();
      assert.equal(made.code, 0, made.shown);
      const unlock = { identities: undefined, passphrase: PASSPHRASE, at: 'x' };
      const bytes = await decryptBackup(readFileSync(theirs), unlock, context);
      assert.equal(bytes.toString(), TEXT.toString());
    },
  );
});
