import fc from 'fast-check';

/** What a slip of the hand, or an attacker, puts into a document. */
const PIECES = [
  ...['"', "'", '{', '}', '[', ']', ':', ',', '#', '\\', '|', '>', '-', '? ', '@', '`', '0', 'yes', '~'],
  ...[
    '&a ',
    '*a',
    '<<: ',
    '!!int ',
    '!x ',
    '!!binary ',
    '---\n',
    '...\n',
    '%YAML 1.2\n',
    '%TAG ',
    '\n',
    '  ',
  ],
  ...[
    '\t',
    '\\u',
    '\\ud800',
    '\0',
    '\u001b',
    '\u2028',
    '\ufeff',
    'é',
    '[[[[',
    'null,',
    '"": ',
    '__proto__: ',
  ],
  // Depth, cycles and expansion.
  ...['[', '{a: ', '- ', '{"a":', ' '].map((open) => open.repeat(200)),
  ...['&a [*a]', 'x: &a {b: *a}\n', '<<: *a\n', '[*a, *a, *a, *a]', '&a [1, 2, 3, 4]\n'],
  `\n${Array.from({ length: 9 }, (_, i) => `e${i}: &e${i} [${`*e${i - 1}, `.repeat(i && 9)}x]`).join('\n')}\n`,
];

/** A slip: where it is, as a part of the text, how many characters it removes, and what it puts there. */
interface Slip {
  readonly at: number;
  readonly cut: number;
  readonly put: string;
}

/** Up to three slips at random places. */
export const someSlips: fc.Arbitrary<readonly Slip[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat({ max: 3 }),
    put: fc.constantFrom('', ...PIECES),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Returns a text with slips. */
export function withSlips(text: string, all: readonly Slip[]): string {
  return all.reduce((before, { at, cut, put }) => {
    const position = Math.floor(at * (before.length + 1));
    return before.slice(0, position) + put + before.slice(position + cut);
  }, text);
}
