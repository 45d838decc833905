import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Reader } from '../../shared/api/reader.ts';
import { commandBlocks } from '../support/guide.ts';
import { PACKAGE } from '../support/package.ts';

/**
 * Every block of commands in the documents is one of three:
 *
 * - `sh` or `console`, and a test runs it: it gets the block by `commandsUnder(page, heading)`.
 * - `sh`, and `.ci/run` runs each of its commands, itself or by a script of package.json.
 * - `shell`, and the prose above it says that the tests do not run it.
 */

const FOLDERS = ['docs', 'examples', 'helm/sealed-secrets', 'shared/template'];
const PAGES = [...filesIn('.', false), ...FOLDERS.flatMap((folder) => filesIn(folder))].filter((file) =>
  file.endsWith('.md'),
);

function filesIn(folder: string, recursive = true): string[] {
  try {
    const files = readdirSync(join(PACKAGE, folder), { recursive, encoding: 'utf8' });
    return files.map((file) => join(folder, file));
  } catch {
    return [];
  }
}

/** Returns the pages and headings that tests run, as `PAGE: HEADING`. */
function runByTests(): Set<string> {
  const sources = filesIn('test').filter((file) => file.endsWith('.ts'));
  const calls = sources.flatMap((file) => [
    ...readFileSync(join(PACKAGE, file), 'utf8').matchAll(
      /commandsUnder\(\s*(['"])(?<page>.*?)\1,\s*(['"])(?<heading>.*?)\3,?\s*\)/g,
    ),
  ]);
  return new Set(calls.map(({ groups }) => `${groups?.['page'] ?? ''}: ${groups?.['heading'] ?? ''}`));
}

/** Returns the commands that `.ci/run` runs, with those of the scripts of package.json that it names. */
function runByCi(): Set<string> {
  const text = readFileSync(join(PACKAGE, 'package.json'), 'utf8');
  const scripts = new Reader(JSON.parse(text), { source: 'package.json' }).object('scripts');
  const found = new Set<string>();
  const add = (script: string): void => {
    for (const command of commandsIn(script)) {
      if (found.has(command)) continue;
      found.add(command);
      const [, name = 'test'] = /^npm (?:run (\S+)|test)/.exec(command) ?? ['', ''];
      if (name !== '') add(scripts?.string(name) ?? '');
    }
  };
  add(readFileSync(join(PACKAGE, '.ci', 'run'), 'utf8'));
  return found;
}

/** Returns the commands of a script, without comments and whether npm is silent. */
function commandsIn(script: string): string[] {
  const lines = script.split(/\n|&&/).map((line) => line.replace(/(^|\s)#.*/, '').replace(' --silent ', ' '));
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

suite('the blocks of commands in the documents', () => {
  const tested = runByTests();
  const ci = runByCi();
  const blocks = PAGES.flatMap((page) => commandBlocks(page).map((block) => ({ page, ...block })));

  for (const { page, heading, language, prose, text } of blocks) {
    const [first = ''] = text.split('\n');
    test(`are run or say that they are not: ${page}, ${heading}: ${first}`, () => {
      if (language === 'shell') {
        assert.match(
          prose,
          /tests do\s+not\s+run/,
          'a shell block: say above it that the tests do not run it',
        );
      } else if (!tested.has(`${page}: ${heading}`)) {
        const missing = commandsIn(text).filter((command) => !ci.has(command));
        const how = `run it in a test, by commandsUnder of "${page}" and "${heading}", or make it a shell block`;
        assert.deepEqual(missing, [], how);
      }
    });
  }

  test('exist where a test asks for them', () => {
    const present = new Set(blocks.map(({ page, heading }) => `${page}: ${heading}`));
    assert.deepEqual(
      [...tested].filter((each) => !present.has(each)),
      [],
    );
  });

  test('are of a language that says whether tests run them', () => {
    for (const page of PAGES) {
      const fences = readFileSync(join(PACKAGE, page), 'utf8').matchAll(/^`{3,}(\w+)/gm);
      for (const [, language = ''] of fences)
        assert.doesNotMatch(language, /^(bash|zsh|fish|shellsession|powershell|terminal)$/, page);
    }
  });
});
