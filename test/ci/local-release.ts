import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageVersion } from '../../build/package.ts';
import { tarGz } from '../../build/release/archive.ts';
import { archiveName } from '../../build/release/kubeseal.ts';
import { thisMachine } from '../../build/targets.ts';
import { KUBESEAL } from '../support/program.ts';
import { run } from '../support/run.ts';

/** The name of this machine's archive in a release. */
export const ARCHIVE = archiveName(packageVersion(), thisMachine());

/** A release in a folder. */
export interface LocalRelease {
  readonly url: string;
  /** The SHA-256 of the archive. */
  readonly digest: string;
}

/**
 * Writes a release into a folder: an archive whose kubeseal starts the one under test, and the checksums.
 *
 * @param checksums makes the file of checksums from the digest of the archive
 */
export function writeRelease(
  folder: string,
  checksums = (digest: string): string => `${digest}  ${ARCHIVE}\n`,
): LocalRelease {
  mkdirSync(folder, { recursive: true });
  const archive = tarGz([{ path: 'kubeseal', data: Buffer.from(KUBESEAL_SCRIPT), executable: true }]);
  const digest = createHash('sha256').update(archive).digest('hex');
  writeFileSync(join(folder, ARCHIVE), archive);
  writeFileSync(join(folder, `sealed-secrets-${packageVersion()}-checksums.txt`), checksums(digest));
  return { url: pathToFileURL(folder).href, digest };
}

const KUBESEAL_SCRIPT = `#!/bin/sh\nexec ${KUBESEAL.map((word) => `'${word}'`).join(' ')} "$@"\n`;

/** Writes a kubeseal that starts the one under test into a folder. Returns the folder. */
export function kubesealOnPath(folder: string): string {
  writeFileSync(join(folder, 'kubeseal'), KUBESEAL_SCRIPT, { mode: 0o755 });
  return folder;
}

/** Makes a folder that has some programs of this machine and no others, for the variable PATH. */
export async function programsOnly(folder: string, names: readonly string[]): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    const { stdout } = await run('sh', ['-c', 'command -v "$0"', name]);
    symlinkSync(stdout.trim(), join(folder, name));
  }
  return folder;
}

/** Writes a program in sh into a folder. */
export function writeProgram(folder: string, name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}
