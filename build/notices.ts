import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Reader } from '../shared/api/reader.ts';

interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

/** Packages whose published files contain the code of others, which the bundler does not see. */
const CONTAINED: Readonly<Record<string, readonly string[]>> = {
  'jsonpath-plus': ['jsep', '@jsep-plugin/assignment', '@jsep-plugin/regex'],
};

/** Returns the licences of all packages that the source files belong to, for redistribution with the build. */
export function noticesFor(modules: readonly string[]): string {
  const dirs = new Set(modules.flatMap((module) => packageDir(module) ?? []));
  const packages = [...dirs].flatMap(withContained).map(readPackage);
  const texts = new Map(packages.map((each) => [`${each.name} ${each.version}`, each]));
  const sorted = [...texts].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([title, { license, text }]) => `${title} (${license})\n\n${text.trim()}\n`).join(RULE);
}

const RULE = `\n${'-'.repeat(80)}\n\n`;

/** Returns the folder of a file's package, or undefined for the project's own files and a bundler's helpers. */
function packageDir(module: string): string | undefined {
  const file = module.replaceAll('\0', '');
  if (!/[\\/]node_modules[\\/]/.test(file)) return undefined;
  // Skip nested package.json files, which only declare the module type of a folder.
  for (let dir = dirname(file); dir !== dirname(dir); dir = dirname(dir)) {
    if (/[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+$/.test(dir) && existsSync(join(dir, 'package.json')))
      return dir;
  }
  return undefined;
}

/** Returns the folders of a package and of those that it contains. */
function withContained(dir: string): readonly string[] {
  const contained = CONTAINED[basename(dir)] ?? [];
  return [dir, ...contained.map((name) => join(dirname(dir), name))];
}

/** Reads a package's manifest. Throws if it names no licence, because such code must not be redistributed. */
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

/** Returns the licence from the README, for packages that have no separate file. */
function inReadme(dir: string): string {
  const readme = readdirSync(dir).find((name) => /^readme/i.test(name));
  const text = readme === undefined ? '' : readFileSync(join(dir, readme), 'utf8');
  const at = text.search(/^#* *licen[cs]e/im);
  return at < 0 ? '' : text.slice(at);
}

/** Returns the author's notice, for packages without any licence text. */
function author(reader: Reader): string {
  const found = reader.value('author');
  const name = typeof found === 'string' ? found : reader.object('author')?.requiredString('name');
  return `Copyright ${name ?? 'its authors'}. The package has no text of its licence.`;
}
