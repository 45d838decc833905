import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, open, readFile, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { isatty } from 'node:tty';
import { systemCode, systemReason } from '../../shared/file-errors.ts';
import { fail } from '../errors.ts';

/** The types of file systems that keep files in memory (statfs(2)): tmpfs and ramfs. */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/**
 * Returns the folders that may keep files in memory, in order: /dev/shm, then the user's own runtime folder. Only Linux
 * has such folders.
 */
export function memoryCandidates(environment: NodeJS.ProcessEnv): readonly string[] {
  const runtime = environment['XDG_RUNTIME_DIR'] ?? '';
  return ['/dev/shm', ...(isAbsolute(runtime) ? [runtime] : [])];
}

/** How to make a private folder. */
export interface FolderOptions {
  /** The folders to make it in, if they keep files in memory. The first one that works is taken. */
  readonly candidates: readonly string[];
  /** Whether to make it on disk if none of them works. */
  readonly allowDisk: boolean;
}

/**
 * A folder in memory that only the user can read, for the file that an editor opens and for what the editor writes beside
 * it. It is removed by `remove`, at the end of the process and by a signal that ends the process.
 */
export class PrivateFolder {
  readonly path: string;
  #isKept = false;
  #editor: ChildProcess | undefined;

  private constructor(path: string) {
    this.path = path;
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    process.on('exit', this.#onExit);
  }

  /** Makes a folder. Throws `NoMemoryFolder` if there is no place in memory, unless the disk is allowed. */
  static async make({ candidates, allowDisk }: FolderOptions): Promise<PrivateFolder> {
    for (const candidate of candidates) {
      if (!(await isInMemory(candidate))) continue;
      const path = await mkdtemp(join(candidate, PREFIX)).catch(() => undefined);
      if (path !== undefined) return new PrivateFolder(path);
    }
    const disk = tmpdir();
    if (!allowDisk) return fail({ code: 'NoMemoryFolder', tried: candidates, disk });
    try {
      return new PrivateFolder(await mkdtemp(join(disk, PREFIX)));
    } catch (error) {
      return fail({ code: 'NoFolder', disk, reason: systemReason(systemCode(error)) });
    }
  }

  /** Returns the path of a file in this folder. */
  fileFor(name: string): string {
    return join(this.path, basename(name));
  }

  /** Writes a file that only the user can read. Throws system errors. */
  async write(file: string, bytes: Uint8Array): Promise<void> {
    const handle = await open(file, 'w', 0o600);
    try {
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
  }

  /** Returns the bytes of a file. Throws system errors. */
  read(file: string): Promise<Buffer> {
    return readFile(file);
  }

  /**
   * Notes that an editor runs. Keys such as Ctrl-C signal the whole foreground group, and editors such as vi handle them,
   * so they do not end this process meanwhile. Other signals end the editor too.
   */
  lendTo(editor: ChildProcess): void {
    this.#editor = editor;
    editor.on('exit', () => (this.#editor = undefined));
  }

  /** Leaves the folder in place for good. */
  keep(): void {
    this.#isKept = true;
    this.#release();
  }

  /** Removes the folder with everything in it, unless it is kept. */
  remove(): void {
    this.#release();
    if (!this.#isKept) rmSync(this.path, { recursive: true, force: true });
  }

  #release(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    process.off('exit', this.#onExit);
  }

  readonly #onExit = (): void => this.remove();

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const isKey = isatty(0) && (signal === 'SIGINT' || signal === 'SIGQUIT');
    if (this.#editor !== undefined && isKey) return;
    this.#editor?.kill(signal);
    this.remove();
    process.kill(process.pid, signal);
  };
}

const PREFIX = 'kubeseal-';
const SIGNALS = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;

/** Whether a folder keeps its files in memory. False if that cannot be found out. */
export async function isInMemory(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    return IN_MEMORY.has((await statfs(folder)).type >>> 0);
  } catch {
    return false;
  }
}
