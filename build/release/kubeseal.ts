import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileKubeseal } from '../compile.ts';
import { NODE_DIR, PACKAGE } from '../package.ts';
import type { Target } from '../targets.ts';
import { tarGz } from './archive.ts';

/** Returns Go's names of an operating system and an architecture, which download scripts use. */
export function goPlatform({ platform, arch }: Target): { readonly os: string; readonly arch: string } {
  return { os: platform === 'win32' ? 'windows' : platform, arch: arch === 'x64' ? 'amd64' : arch };
}

/** Returns the name of the archive for a target. It has the form of the reference's, so that scripts find it. */
export function archiveName(version: string, target: Target): string {
  const { os, arch } = goPlatform(target);
  return `kubeseal-${version}-${os}-${arch}.tar.gz`;
}

/** Returns the name of the program in the archive. */
export function programName({ platform }: Target): string {
  return platform === 'win32' ? 'kubeseal.exe' : 'kubeseal';
}

/** Compiles kubeseal for a target, and packs it with its licences. */
export async function kubesealArchive(target: Target, say: (line: string) => void): Promise<Buffer> {
  const work = mkdtempSync(join(tmpdir(), 'sealed-secrets-release-'));
  try {
    const program = await compileKubeseal(target, say, join(work, programName(target)));
    return tarGz([
      { path: programName(target), data: readFileSync(program), executable: true },
      { path: 'LICENSE', data: readFileSync(join(PACKAGE, 'LICENSE')) },
      { path: 'README.md', data: readFileSync(join(PACKAGE, 'README.md')) },
      { path: 'THIRD-PARTY-NOTICES.txt', data: Buffer.from(notices()) },
    ]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Returns the licences of the packages in kubeseal and of its runtime, Bun. */
function notices(): string {
  const packages = readFileSync(join(NODE_DIR, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  const bun = ['NOTICE.txt', 'LICENSE.txt', 'LGPL-2.1.txt'].map((name) =>
    readFileSync(join(PACKAGE, 'build', 'bun', name), 'utf8'),
  );
  return [packages, ...bun].map((text) => `${text.trim()}\n`).join(`\n${'-'.repeat(80)}\n\n`);
}
