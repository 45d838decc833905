/**
 * Takes values out of a message. Who wrote the message is not known (an admission webhook, perhaps), nor how it quotes:
 * so whatever may be a part of a value, in one of many forms, makes the whole message unfit.
 */

/** What a whole value becomes. */
const PLACEHOLDER = '[value]';

/** The longest message that is looked at, in UTF-16 units. */
const MAX_COMPARED = 4096;
/** The most bytes of values that a message is compared with: beyond, comparing would take too long. */
const MAX_VALUES = 64 * 1024;

/** A whole value of at least so many UTF-16 units is replaced. A shorter one may stand there by chance. */
const MIN_REPLACED = 8;
/** So many UTF-16 units in a row that a message has in common with a value are a part of it. */
const PART = 6;

/**
 * Returns the message with each value, plain or encoded, replaced. Returns undefined where the rest has a part of a
 * value, or a short value as a word, and where message or values are too large to tell.
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

/** A value as programs write it. */
function formsOf(value: Buffer): string[] {
  if (value.length === 0) return [];
  const text = value.toString('utf8');
  const quoted = JSON.stringify(text).slice(1, -1);
  const forms = [
    text,
    text.trim(),
    quoted,
    // Text in JSON in JSON, and as Go quotes what is quoted.
    JSON.stringify(quoted).slice(1, -1),
    encodeURIComponent(text.toWellFormed()),
    value.toString('latin1'),
    value.toString('hex'),
    // As Go prints bytes.
    value.join(' '),
    value.join(', '),
    ...base64Of(value),
  ];
  return forms.filter((form) => form !== '');
}

/** In both alphabets, and as it stands inside the base64 of something longer, at each of the three alignments. */
function base64Of(value: Buffer): string[] {
  const inside = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), value])
      .toString('base64')
      .replace(/=+$/, '');
    // The characters at both ends depend on the neighbours, too.
    return encoded.slice(before === 0 ? 0 : before + 1, (before + value.length) % 3 === 0 ? undefined : -1);
  });
  const all = [value.toString('base64'), ...inside];
  return [...all, ...all.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
}

function hasPart(text: string, forms: ReadonlySet<string>): boolean {
  const parts = new Set<string>();
  for (let at = 0; at + PART <= text.length; at++) parts.add(text.slice(at, at + PART));
  for (const form of forms) {
    const lower = form.toLowerCase();
    for (let at = 0; at + PART <= lower.length; at++) if (parts.has(lower.slice(at, at + PART))) return true;
  }
  return false;
}

/** A value that is too short to have a part: it counts where it stands alone. */
function hasWord(text: string, forms: ReadonlySet<string>): boolean {
  const short = [...forms].map((form) => form.toLowerCase()).filter(({ length }) => length < PART);
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
