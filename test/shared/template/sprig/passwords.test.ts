import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bcrypt } from '../../../../shared/template/sprig/bcrypt.ts';
import { render } from '../render.ts';

/** Passwords and what `golang.org/x/crypto/bcrypt` made of them. */
const HASHES = [
  ['', '$2a$10$6aw94oE9rmmVdf4m99J2wOq4AwOygOARoKoH5YLFTiaPnoGY7ET/y'],
  ['a', '$2a$10$XUWcypN2Hapd2i0KGFNbLOn4FvMXifMnEgfn2mX93f0.i74naBLCW'],
  ['correct horse battery staple', '$2a$10$/06wmVRtnLcAoMHwJdR/ceBvD9qTpruir2keHWRTxlbczgVt6kaqy'],
  ['žluťoučký kůň', '$2a$10$rtAt8YXpBCJqcyPRpFQpee.Cl.mWylMakhwlwaqsfRtK0W1emoSXi'],
  [
    '012345678901234567890123456789012345678901234567890123456789012345678901',
    '$2a$10$Srn8JHEOFiFCxSGxME7xX.qLEOFdSKO0HFv8VPcZpjY/Gv2ELTFce',
  ],
] as const;

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The salt that a hash tells of. */
function saltOf(hash: string): Buffer {
  const digits = hash.slice(7, 29).replace(/./g, (digit) => STANDARD.charAt(ALPHABET.indexOf(digit)));
  return Buffer.from(digits, 'base64');
}

suite('bcrypt', () => {
  for (const [password, hash] of HASHES) {
    test(`hashes as Go does: ${password.length} characters`, () => {
      assert.equal(bcrypt(Buffer.from(password), saltOf(hash)), hash);
    });
  }

  test('returns no hash of a password that is not UTF-8', () => {
    assert.equal(bcrypt(Buffer.from([0xff, 0xfe]), Buffer.alloc(16)), undefined);
  });

  test('htpasswd uses a new salt each time, and the hash verifies', () => {
    const text = '{{ htpasswd "user" "secret" }}';
    const [first = '', second = ''] = [1, 2].map(() => render({ text }).output);
    assert.match(first, /^user:\$2a\$10\$[./A-Za-z0-9]{53}$/);
    assert.notEqual(first, second);
    const hash = first.slice('user:'.length);
    assert.equal(bcrypt(Buffer.from('secret'), saltOf(hash)), hash);
    assert.equal(render({ text }).impure, true);
  });
});
