/** The end of `Secret` and of `secretGenerator`. */
const MENTION = 'ecret';

/** The escapes of a quoted text in JSON and YAML that can stand for a letter, or divide a word: `\u0053ecre\u0074`. */
const ESCAPES = ['\\u', '\\U', '\\x', '\\\n', '\\\r'];

const UTF16 = Buffer.from(MENTION, 'utf16le');
const SIGNS = [MENTION, UTF16, Buffer.from(UTF16).swap16(), ...ESCAPES];

/** Whether a file can hold something that rules about objects look for. Most files cannot, and need not be parsed. */
export function mayHoldSecrets(bytes: Buffer): boolean {
  return SIGNS.some((sign) => bytes.includes(sign));
}
