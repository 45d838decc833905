import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { suite, test } from 'node:test';
import { PACKAGE } from '../support/package.ts';

/** Reads the arrows of the drawing under a heading of docs/architecture.md: `FROM TO`, as names of folders. */
function drawn(heading: string): {
  readonly folders: ReadonlySet<string>;
  readonly arrows: readonly string[];
} {
  const page = readFileSync(join(PACKAGE, 'docs/architecture.md'), 'utf8');
  const [, section = ''] = page.split(`\n${heading}\n`);
  const [, drawing = ''] = /```mermaid\nflowchart TD\n([^]*?)```/.exec(section) ?? [];
  const titles = new Map([...drawing.matchAll(/(\w+)\["([^"]+)"\]/g)].map(([, id, title]) => [id, title]));
  const nameOf = (id: string): string => titles.get(id) ?? id;
  const arrows = [...drawing.replaceAll(/\["[^"]+"\]/g, '').matchAll(/(\w+) --> (.+)/g)].flatMap(
    ([, from = '', to = '']) => to.split(' & ').map((each) => `${nameOf(from)} ${nameOf(each)}`),
  );
  return { folders: new Set(arrows.flatMap((arrow) => arrow.split(' '))), arrows: arrows.sort() };
}

/** Finds which of these folders of a folder import which others, by the imports of the files in them. */
function imported(top: string, folders: ReadonlySet<string>): string[] {
  const folderOf = (file: string): string | undefined =>
    [...folders].find((folder) => relative(top, file).startsWith(`${folder}/`));
  const arrows = new Set<string>();
  for (const name of readdirSync(join(PACKAGE, top), { recursive: true, encoding: 'utf8' })) {
    const file = join(top, name);
    const from = folderOf(file);
    if (from === undefined || !file.endsWith('.ts')) continue;
    const text = readFileSync(join(PACKAGE, file), 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
      const to = folderOf(join(dirname(file), path));
      if (to !== undefined && to !== from) arrows.add(`${from} ${to}`);
    }
  }
  return [...arrows].sort();
}

suite('the drawings of imports in docs/architecture.md', () => {
  for (const top of ['controller', 'shared', 'cli']) {
    test(`show each import between folders of ${top}, and no other`, () => {
      const { folders, arrows } = drawn(`### ${top}/`);
      assert.ok(folders.size > 3);
      assert.deepEqual(arrows, imported(top, folders));
    });
  }
});
