import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { PACKAGE } from '../support/package.ts';
import { tableUnder } from './table.ts';
import { comparable, entriesIn, matcherFor, type Entry } from './messages/entries.ts';
import { ALL_HEADINGS, headingFor } from './messages/headings.ts';
import { literalsIn, shippedFiles, type Literal } from './messages/literals.ts';
import { NO_MESSAGES, NO_MESSAGES_IN } from './messages/not-messages.ts';

const PAGE = 'docs/troubleshooting.md';
const NOT_MESSAGES = 'test/docs/messages/not-messages.ts';

const page = readFileSync(join(PACKAGE, PAGE), 'utf8');
const entries = entriesIn(page);
const found = shippedFiles().flatMap((file) => literalsIn(file));
const literals = found.filter((literal) => !NO_MESSAGES_IN.some(([path]) => isIn(path, literal)));
const excluded = new Set([...NO_MESSAGES].map(comparable));
const messages = literals.filter(
  (each) => !excluded.has(comparable(each.text)) && (hasWords(each) || loggedCode(each)),
);

/** Whether words are in a folder, file or constant (FILE#NAME). */
function isIn(path: string, { file, constant }: Literal): boolean {
  const [name = '', own] = path.split('#');
  return own === undefined ? file.startsWith(name) : file === name && constant === own;
}

function hasWords({ text }: Literal): boolean {
  return /[a-z]/i.test(text);
}

/** Whether an entry is about a message. A wording of nothing but fields is found by its code. */
function isAbout(entry: Entry, literal: Literal): boolean {
  const { code, text } = literal;
  if (!hasWords(literal)) return code !== undefined && entry.codes.includes(code);
  return entry.isAbout(comparable(text));
}

/** Returns the code that the controller's log shows with a message. Failures of kubeseal's own are never logged. */
function loggedCode({ code, file }: Literal): string | undefined {
  return file.startsWith('cli/') ? undefined : code;
}

function suggestion(message: Literal): string {
  const span = message.named.includes('`')
    ? `\`\` ${message.named.trim()} \`\``
    : `\`${message.named.trim()}\``;
  const code = loggedCode(message);
  const head = hasWords(message) ? span : '';
  return `- ${head}${code === undefined ? '' : `${head && ' '}(code \`${code}\`)`}:\\\n  CAUSE. WHAT TO DO.`;
}

suite(`the messages in ${PAGE}`, () => {
  test('are all messages of the code', () => {
    const lacking = messages.filter((message) => !entries.some((entry) => isAbout(entry, message)));
    const words = lacking.map((each) => `${headingFor(each.file)} (${each.at})\n${suggestion(each)}`);
    assert.equal(
      lacking.length,
      0,
      `${PAGE} lacks ${lacking.length} messages. Add an entry under the heading for each, or add the words to an ` +
        `entry with the same cure. Words that nobody sees as a message belong in ${NOT_MESSAGES}.\n` +
        words.toSorted().join('\n'),
    );
  });

  test('are each in one entry', () => {
    const twice = messages.flatMap((message) => {
      const lines = entries.filter((entry) => isAbout(entry, message)).map(({ line }) => line);
      return lines.length > 1 ? [`lines ${lines.join(', ')}: ${message.named} (${message.at})`] : [];
    });
    assert.deepEqual([...new Set(twice)], []);
  });

  test('are all in the code', () => {
    const inCode = messages.map(({ text }) => comparable(text));
    const stale = entries.flatMap((entry) =>
      entry.messages
        .filter((message) => !inCode.some(matcherFor(message)))
        .map((message) => `line ${entry.line}: ${message}`),
    );
    assert.deepEqual(stale, [], `remove these words from ${PAGE}, or write them as the code does`);
  });

  test('are written once', () => {
    const all = entries.flatMap((entry) => entry.messages.map(comparable));
    assert.deepEqual(
      all.filter((message, index) => all.indexOf(message) !== index),
      [],
    );
  });

  test('have the codes that the log shows, and no others', () => {
    for (const entry of entries) {
      const about = messages.filter((message) => isAbout(entry, message));
      const codes = [...new Set(about.flatMap((message) => loggedCode(message) ?? []))];
      assert.deepEqual(entry.codes.toSorted(), codes.toSorted(), `${PAGE}:${entry.line}`);
    }
  });

  test('have a cause and a cure, and no line that only repeats the words', () => {
    for (const { line, text } of entries) assert.match(text, /^\S.{15,}[.)]$/s, `${PAGE}:${line}`);
  });

  test('are under headings that the test can name', () => {
    for (const heading of ALL_HEADINGS) assert.ok(page.includes(`\n${heading}\n`), heading);
  });
});

suite('the steps of "It does not decrypt"', () => {
  const [, steps = ''] = /^## It does not decrypt\n(.*?)^## /ms.exec(page) ?? [];

  test('go on from each reason that a failure can have', () => {
    const reasons = tableUnder('docs/controller.md', '## The status').map(([reason = '']) => reason);
    const fine = ['`Unsealed`', '`Patched`', '`Processing`'];
    assert.deepEqual(
      reasons.filter((reason) => !fine.includes(reason) && !steps.includes(reason)),
      [],
    );
  });
});

suite(NOT_MESSAGES, () => {
  test('names words and files that exist', () => {
    const texts = new Set(literals.map(({ text }) => comparable(text)));
    const stale = [...excluded].filter((words) => !texts.has(words));
    const gone = NO_MESSAGES_IN.map(([path]) => path).filter(
      (path) => !found.some((each) => isIn(path, each)),
    );
    assert.deepEqual([...stale, ...gone], []);
  });
});
