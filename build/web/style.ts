import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'lightningcss';
import { PACKAGE } from '../package.ts';

const STYLE = join(PACKAGE, 'web', 'page.css');

/** Returns the style sheet of the page, minified. Throws if it has an error or loads another file. */
export function minifiedStyle(path: string = STYLE): string {
  const { code, warnings, dependencies } = transform({
    filename: path,
    code: readFileSync(path),
    minify: true,
    analyzeDependencies: true,
  });
  const [warning] = warnings;
  if (warning) throw new Error(`${path}:${warning.loc.line}: ${warning.message}`);
  if (Array.isArray(dependencies) && dependencies.length > 0)
    throw new Error(`${path}: the page must not load other files`);
  return new TextDecoder().decode(code).trim();
}
