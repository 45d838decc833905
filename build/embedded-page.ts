import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { PACKAGE, WEB_PAGE } from './package.ts';

const TEMPLATE = join(PACKAGE, 'shared', 'web-page', 'template.ts');

/** Puts the built page into a bundle, in place of the module that reads it from its file. */
export const embeddedPage: Plugin = {
  name: 'embedded-page',
  load(id) {
    if (id !== TEMPLATE) return null;
    const page = JSON.stringify(readFileSync(WEB_PAGE, 'utf8'));
    return { code: `export const readTemplate = () => ${page};`, moduleType: 'js' };
  },
};
