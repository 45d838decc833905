/** Texts that are strings in one position of YAML and something else in another, and similar texts. */
export const SCALARS: readonly string[] = [
  ...'y N yes No on OFF true False null Null ~ << = - . ... --- .inf -.INF +.inf +.NaN 1.inf .NaN'.split(' '),
  ...'.5 5. .e5 e1 E5 e+1 e_1 1e3 1E+3 0x1F 0b11 0o17 017 08 1_000 -1 0 12 123456789 1234567890123'.split(
    ' ',
  ),
  ...'0O17 -0o7 +0X1f 0B11 0b-1 +_1 0_x1 .5_5 8080 -1.5 0x10000000000000000 1e309'.split(' '),
  ...'1:20 2001-12-14 2001-12-14t21:59:43.10-05:00 inf Infinity nan db db-1 v1 kubernetes.io/tls'.split(' '),
  ...'aHVudGVyMg== +/== /+== MTIz 1234 0aGk= /w== +w== 12/3 1g 1z a#b #a *a !a | > [] {} [a] @a `a'.split(
    ' ',
  ),
  ...'%a é __proto__ constructor .dockerconfigjson tls.key "a" \'a\' "\\n" \'"\' "" \'\' "a \\ a\\b'.split(
    ' ',
  ),
  ...[
    '',
    ' ',
    'a b',
    'yes on',
    '1 2',
    'a - b',
    'a: b',
    'a:',
    'a #b',
    '"a: #b"',
    '&a b',
    '? a',
    '- a',
    '{a: b}',
  ],
  ...['a\tb', ' a', 'a ', 'a\n', 'a\nb', '\na', 'a\r', '\u2028', '\u0085', '\ufeff', 'x'.repeat(2000)],
];
