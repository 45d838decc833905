import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Reader } from '../shared/api/reader.ts';

interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

/** The licences of all packages that the source files come from, as they ask to be handed on with copies. */
export function noticesFor(modules: readonly string[]): string {
  const dirs = new Set(modules.flatMap((module) => packageDir(module) ?? []));
  const packages = [...dirs].map(readPackage);
  const texts = new Map(packages.map((each) => [`${each.name} ${each.version}`, each]));
  const sorted = [...texts].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([title, { license, text }]) => `${title} (${license})\n\n${text.trim()}\n`).join(RULE);
}

const RULE = `\n${'-'.repeat(80)}\n\n`;

/** The folder of the package that a file belongs to; undefined for our own files and a bundler's helpers. */
function packageDir(module: string): string | undefined {
  const file = module.replaceAll('\0', '');
  if (!/[\\/]node_modules[\\/]/.test(file)) return undefined;
  // Packages have further package.json files inside, which only say what kind of modules a folder has.
  for (let dir = dirname(file); dir !== dirname(dir); dir = dirname(dir)) {
    if (/[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+$/.test(dir) && existsSync(join(dir, 'package.json')))
      return dir;
  }
  return undefined;
}

/** Throws where a package names no licence: such code cannot be handed on. */
function readPackage(dir: string): Bundled {
  const file = join(dir, 'package.json');
  const reader = new Reader(JSON.parse(readFileSync(file, 'utf8')), { source: file });
  const texts = readdirSync(dir)
    .filter((name) => /^(licen[cs]e|notice|copying)/i.test(name))
    .sort()
    .map((name) => readFileSync(join(dir, name), 'utf8'));
  return {
    name: reader.requiredString('name'),
    version: reader.requiredString('version'),
    license: reader.requiredString('license'),
    text: texts.join('\n') || inReadme(dir) || author(reader),
  };
}

/** Some packages have their licence in the README alone. */
function inReadme(dir: string): string {
  const readme = readdirSync(dir).find((name) => /^readme/i.test(name));
  const text = readme === undefined ? '' : readFileSync(join(dir, readme), 'utf8');
  const at = text.search(/^#* *licen[cs]e/im);
  return at < 0 ? '' : text.slice(at);
}

/** And some nowhere: then all there is to hand on is who wrote it. */
function author(reader: Reader): string {
  const found = reader.value('author');
  const name = typeof found === 'string' ? found : reader.object('author')?.requiredString('name');
  return `Copyright ${name ?? 'its authors'}. The package has no text of its licence.`;
}
