import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { PACKAGE } from '../support/package.ts';

const PAGES = readdirSync(PACKAGE, { recursive: false, encoding: 'utf8' })
  .concat(...['docs', 'examples', 'shared/template', 'helm/sealed-secrets'].map(filesIn))
  .filter((file) => file.endsWith('.md'));

function filesIn(folder: string): string[] {
  const files = readdirSync(join(PACKAGE, folder), { recursive: true, encoding: 'utf8' });
  return files.map((file) => join(folder, file));
}

/** Removes code, in which nothing is a link. */
function prose(page: string): string {
  return readFileSync(join(PACKAGE, page), 'utf8').replaceAll(/^```[^]*?^```$/gm, '');
}

/** Returns the anchors of a page as GitHub makes them of headings: a number tells headings of the same text apart. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of prose(page).matchAll(/^#+ (.+)$/gm)) {
    const text = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}_ -]/gu, '');
    const anchor = text.replaceAll(' ', '-');
    let unique = anchor;
    for (let number = 1; anchors.has(unique); number++) unique = `${anchor}-${number}`;
    anchors.add(unique);
  }
  return anchors;
}

suite('the relative links of the documents', () => {
  for (const page of PAGES) {
    test(`lead to files and headings that exist: ${page}`, () => {
      for (const [, target = ''] of prose(page).matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)) {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        assert.ok(existsSync(join(PACKAGE, file)), target);
        if (anchor !== undefined) assert.ok(anchorsOf(file).has(anchor), target);
      }
    });
  }
});
