/**
 * Redacts secret values in a message. Its author is unknown (perhaps an admission webhook), and so is how it quotes or
 * encodes values. A message that may still hold a part of a value, in any of many encodings, is therefore dropped.
 */

/** The replacement for a whole value. */
const PLACEHOLDER = '[value]';

/** The longest message to compare, in UTF-16 code units. */
const MAX_COMPARED = 4096;
/** Most bytes of values to compare a message with. More would take too long. */
const MAX_VALUES = 64 * 1024;

/** Least length of a value to replace, in UTF-16 code units. A shorter one may occur by chance. */
const MIN_REPLACED = 8;
/** Least length of a common substring that counts as a part of a value, in UTF-16 code units. */
const PART_LENGTH = 6;

/**
 * Returns the message with each value, plain or encoded, replaced by `[value]`. Returns undefined if the rest contains a
 * part of a value or a short value as a word, or if the message or the values are too large to compare.
 */
export function withoutValues(message: string, values: readonly Uint8Array[]): string | undefined {
  const size = values.reduce((sum, { length }) => sum + length, 0);
  if (message === '' || message.length > MAX_COMPARED || size > MAX_VALUES) return undefined;
  const forms = new Set(values.flatMap((value) => formsOf(Buffer.from(value))));
  const whole = [...forms].filter(({ length }) => length >= MIN_REPLACED).sort((a, b) => b.length - a.length);
  let text = message;
  for (const form of whole) text = text.replaceAll(form, PLACEHOLDER);
  const rest = text.split(PLACEHOLDER).map((piece) => piece.toLowerCase());
  return rest.some((piece) => hasPart(piece, forms) || hasWord(piece, forms)) ? undefined : text;
}

/** Returns the forms in which programs write a value. */
function formsOf(value: Buffer): string[] {
  if (value.length === 0) return [];
  const text = value.toString('utf8');
  const quoted = JSON.stringify(text).slice(1, -1);
  const forms = [
    text,
    text.trim(),
    quoted,
    // JSON inside JSON, which is also how Go quotes a quoted string.
    JSON.stringify(quoted).slice(1, -1),
    encodeURIComponent(text.toWellFormed()),
    value.toString('latin1'),
    value.toString('hex'),
    // As Go prints byte slices.
    value.join(' '),
    value.join(', '),
    ...base64Of(value),
  ];
  return forms.filter((form) => form !== '');
}

/** Returns base64 in both alphabets, alone and as a part of longer base64 at each of the three alignments. */
function base64Of(value: Buffer): string[] {
  const embedded = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), value])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and last characters also encode bits of the neighbouring bytes.
    return encoded.slice(before === 0 ? 0 : before + 1, (before + value.length) % 3 === 0 ? undefined : -1);
  });
  const all = [value.toString('base64'), ...embedded];
  return [...all, ...all.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
}

function hasPart(text: string, forms: ReadonlySet<string>): boolean {
  const parts = new Set<string>();
  for (let at = 0; at + PART_LENGTH <= text.length; at++) parts.add(text.slice(at, at + PART_LENGTH));
  for (const form of forms) {
    const lower = form.toLowerCase();
    for (let at = 0; at + PART_LENGTH <= lower.length; at++)
      if (parts.has(lower.slice(at, at + PART_LENGTH))) return true;
  }
  return false;
}

/** Whether the text contains a value that is too short to have a part, as a whole word. */
function hasWord(text: string, forms: ReadonlySet<string>): boolean {
  const short = [...forms].map((form) => form.toLowerCase()).filter(({ length }) => length < PART_LENGTH);
  return short.some((form) => {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
      if (!isLetter(text.charAt(at - 1)) && !isLetter(text.charAt(at + form.length))) return true;
    }
    return false;
  });
}

function isLetter(character: string): boolean {
  return /^[\p{L}\p{N}]$/u.test(character);
}
