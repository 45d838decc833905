import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { Reader } from '../shared/api/reader.ts';
import { PACKAGE, readJson } from './package.ts';
import type { Target } from './targets.ts';

/** A package as `build/bun/package-lock.json` pins it. */
interface Pinned {
  readonly version: string;
  /** A digest of its archive, as in Subresource Integrity: `sha512-` and base64. */
  readonly integrity: string;
}

/**
 * The path of the Bun that runs on the target: from the cache, else fetched from the package registry that npm is
 * configured for. Throws where what comes is not what is pinned.
 */
export async function fetchBun(target: Target, say: (line: string) => void): Promise<string> {
  const { version, integrity } = pinOf(target);
  const cache = join(cacheHome(), 'sealed-secrets', 'bun');
  const folder = join(
    cache,
    `${version}-${target.name}-${createHash('sha256').update(integrity).digest('hex').slice(0, 12)}`,
  );
  const path = join(folder, 'package', 'bin', target.platform === 'win32' ? 'bun.exe' : 'bun');
  if (existsSync(path)) return path;

  say(`fetching ${target.package} ${version}, once, for ${folder}`);
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, '.fetch-')); // beside the folder, so that a rename suffices
  try {
    await npm(['pack', `${target.package}@${version}`, '--silent', '--pack-destination', work]);
    const archive = join(work, `${target.package.slice(1).replace('/', '-')}-${version}.tgz`);
    check(archive, integrity, target);
    await promisify(execFile)('tar', ['-xzf', archive, '-C', work]);
    rmSync(archive);
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return path;
}

function pinOf(target: Target): Pinned {
  const lock = readJson('build', 'bun', 'package-lock.json');
  const path = `node_modules/${target.package}`;
  const pin = new Reader(lock.entries('packages').get(path), { source: path });
  return { version: pin.requiredString('version'), integrity: pin.requiredString('integrity') };
}

function check(archive: string, integrity: string, target: Target): void {
  const [algorithm = '', wanted] = integrity.split('-', 2);
  const found = createHash(algorithm).update(readFileSync(archive)).digest('base64');
  if (found !== wanted) throw new Error(`${target.package} is not what build/bun/package-lock.json pins`);
}

/** Runs npm as it was run, with the user's registry, proxy and cache. */
async function npm(args: readonly string[]): Promise<void> {
  const own = process.env['npm_execpath'];
  const [command, first] = own === undefined ? ['npm', []] : [process.execPath, [own]];
  await promisify(execFile)(command, [...first, ...args], { cwd: PACKAGE });
}

function cacheHome(): string {
  const configured = process.env['XDG_CACHE_HOME'] ?? '';
  return isAbsolute(configured) ? configured : join(homedir(), '.cache');
}
