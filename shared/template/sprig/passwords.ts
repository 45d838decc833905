/** `bcrypt`, `htpasswd` and `derivePassword`. */
import { createHmac, scryptSync } from 'node:crypto';
import { LimitError } from '../budget.ts';
import { define, impure, type Run } from '../function.ts';
import { STRING, UINT32 } from '../value.ts';
import { toBuffer } from '../buffer.ts';
import { bcrypt, MAX_PASSWORD, SALT_SIZE } from './bcrypt.ts';
import type { FunctionTable } from './table.ts';

/** Returns a hash or, as Sprig does, an error message in its place. */
function hashOrError(password: string, run: Run): string {
  if (password.length > MAX_PASSWORD) {
    return failure(`password length exceeds ${MAX_PASSWORD} bytes`);
  }
  const salt = run.random(SALT_SIZE);
  return run.costly(() => bcrypt(toBuffer(password), salt) ?? failure('password is not UTF-8'));
}

function failure(problem: string): string {
  return `failed to encrypt string with bcrypt: bcrypt: ${problem}`;
}

const DOMAIN = Buffer.from('com.lyndir.masterpassword');

const VOWELS = 'aeiou';
const CONSONANTS = 'bcdfghjklmnpqrstvwxyz';
const DIGITS = '0123456789';
const BIG_VOWELS = VOWELS.toUpperCase();
const BIG_CONSONANTS = CONSONANTS.toUpperCase();
const LETTERS = BIG_VOWELS + VOWELS + BIG_CONSONANTS + CONSONANTS;

/** The characters that each letter of a template represents. */
const CLASSES: Readonly<Record<string, string>> = {
  V: BIG_VOWELS,
  C: BIG_CONSONANTS,
  v: VOWELS,
  c: CONSONANTS,
  a: LETTERS,
  n: DIGITS,
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: `${LETTERS}${DIGITS}!@#$%^&*()`,
};

/** The Master Password templates for each kind of password. */
const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map([
  ['maximum', ['anoxxxxxxxxxxxxxxxxx', 'axxxxxxxxxxxxxxxxxno']],
  [
    'long',
    [
      'CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv',
      'CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv',
      'CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno',
    ].flatMap((row) => row.split(' ')),
  ],
  ['medium', ['CvcnoCvc', 'CvcCvcno']],
  ['short', ['Cvcn']],
  ['basic', ['aaanaaan', 'aannaaan', 'aaannaaa']],
  ['pin', ['nnnn']],
]);

/**
 * The maximum total length of the inputs, in bytes. scrypt hashes the user name 64 times before its own work, which is
 * constant.
 */
const MOST_DERIVED = 64 << 10;

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function withLength(text: string): Buffer {
  return Buffer.concat([uint32(text.length), toBuffer(text)]);
}

/** The inputs of the Master Password algorithm. */
interface PasswordInputs {
  readonly counter: number;
  /** The name of one of the TEMPLATES. */
  readonly kind: string;
  readonly secret: string;
  readonly user: string;
  readonly site: string;
}

/** Implements the Master Password algorithm. The same inputs always return the same password. */
function derivePassword({ counter, kind, secret, user, site }: PasswordInputs): string {
  const templates = TEMPLATES.get(kind);
  if (templates === undefined) return `cannot find password template ${kind}`;
  const salt = Buffer.concat([DOMAIN, withLength(user)]);
  const key = scryptSync(toBuffer(secret), salt, 64, { N: 32_768, r: 8, p: 2, maxmem: 2 ** 26 });
  const seed = createHmac('sha256', key)
    .update(Buffer.concat([DOMAIN, withLength(site), uint32(counter)]))
    .digest();
  const [choice = 0, ...rest] = seed;
  const template = templates[choice % templates.length] ?? '';
  let index = 0;
  return template.replace(/./g, (letter) => {
    const characters = CLASSES[letter] ?? '';
    return characters.charAt((rest[index++] ?? 0) % characters.length);
  });
}

/** Sprig's password functions. */
export const PASSWORDS: FunctionTable = {
  bcrypt: impure(define([STRING], STRING, ([password], run) => hashOrError(password, run))),
  htpasswd: impure(
    define([STRING, STRING], STRING, ([user, password], run) => {
      return user.includes(':') ? `invalid username: ${user}` : `${user}:${hashOrError(password, run)}`;
    }),
  ),
  derivePassword: define(
    [UINT32, STRING, STRING, STRING, STRING],
    STRING,
    ([counter, kind, secret, user, site], run) => {
      if (secret.length + user.length + site.length > MOST_DERIVED) {
        throw new LimitError(`derivePassword is given more than ${MOST_DERIVED} bytes`);
      }
      return run.costly(() => derivePassword({ counter: Number(counter.value), kind, secret, user, site }));
    },
  ),
};
