import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { Reader } from '../shared/api/reader.ts';
import { PACKAGE, readJson } from './package.ts';

/** A package pinned by a lock file, which is fetched during a build and never installed. */
export interface Pinned {
  readonly name: string;
  readonly version: string;
  /** The digest of the package's archive in the format of Subresource Integrity: `sha512-` and base64. */
  readonly integrity: string;
  /** The path of the lock file, for messages. */
  readonly lock: string;
}

/** Returns the package as pinned in `build/PURPOSE/package-lock.json`. */
export function pinOf(purpose: 'bun' | 'floor' | 'image', name: string): Pinned {
  const lock = readJson('build', purpose, 'package-lock.json');
  const path = `node_modules/${name}`;
  const pin = new Reader(lock.entries('packages').get(path), { source: path });
  return {
    name,
    version: pin.requiredString('version'),
    integrity: pin.requiredString('integrity'),
    lock: `build/${purpose}/package-lock.json`,
  };
}

/**
 * Returns the folder with the files of a package, from the cache or from npm's configured registry. Throws if the
 * download does not match the pin.
 *
 * @param folder the name of the folder in the cache, before a suffix that depends on the pin
 */
export async function fetchPinned(pin: Pinned, folder: string, say: (line: string) => void): Promise<string> {
  const { name, version, integrity } = pin;
  const digest = createHash('sha256').update(integrity).digest('hex').slice(0, 12);
  const home = `${join(cacheHome(), 'sealed-secrets', folder)}-${digest}`;
  const files = join(home, 'package');
  if (existsSync(files)) return files;

  say(`fetching ${name} ${version}, once, for ${home}`);
  const cache = join(home, '..');
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, '.fetch-')); // beside the target, so that a rename suffices
  try {
    await npm(['pack', `${name}@${version}`, '--silent', '--pack-destination', work]);
    const archive = join(work, `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`);
    check(archive, pin);
    await promisify(execFile)('tar', ['-xzf', archive, '-C', work]);
    rmSync(archive);
    rmSync(home, { recursive: true, force: true });
    renameSync(work, home);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return files;
}

function check(archive: string, { name, integrity, lock }: Pinned): void {
  const [algorithm = '', wanted] = integrity.split('-', 2);
  const found = createHash(algorithm).update(readFileSync(archive)).digest('base64');
  if (found !== wanted) throw new Error(`${name} is not what ${lock} pins`);
}

/** Runs the npm that runs this script, with the user's registry, proxy and cache. Returns its stdout. */
export async function npm(args: readonly string[]): Promise<string> {
  const own = process.env['npm_execpath'];
  const [command, first] = own === undefined ? ['npm', []] : [process.execPath, [own]];
  const { stdout } = await promisify(execFile)(command, [...first, ...args], { cwd: PACKAGE });
  return stdout;
}

/** Returns the folder of caches of this user. */
export function cacheHome(): string {
  const configured = process.env['XDG_CACHE_HOME'] ?? '';
  return isAbsolute(configured) ? configured : join(homedir(), '.cache');
}
