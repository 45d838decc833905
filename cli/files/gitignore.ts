import { lstatSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { readFileBytes } from '../io/input.ts';
import { IgnorePatterns } from './ignore-patterns.ts';

/** Patterns of a folder at or above the current one. */
interface IgnoreFile {
  /** The names that lead from the folder of the patterns to the current one. */
  readonly below: readonly string[];
  readonly patterns: IgnorePatterns;
}

/** What Git ignores in a folder. */
export class GitIgnore {
  readonly #folder: string;
  /** The innermost file first: it takes precedence. */
  readonly #files: readonly IgnoreFile[];

  private constructor(folder: string, files: readonly IgnoreFile[]) {
    this.#folder = folder;
    this.#files = files;
  }

  /**
   * Reads every `.gitignore` from the root of the repository to a folder, and `.git/info/exclude`. Without a repository,
   * reads only that of the folder. Throws if a file cannot be read.
   *
   * @param folder its real path
   */
  static async of(folder: string): Promise<GitIgnore> {
    const root = repositoryOf(folder) ?? folder;
    const excluded = await patternsIn(join(await gitFolderOf(root), 'info', 'exclude'));
    let current = await GitIgnore.#at(root, excluded);
    for (const name of relative(root, folder).split(sep)) if (name !== '') current = await current.in(name);
    return current;
  }

  /** Returns what Git ignores in a folder of this folder. Throws if its `.gitignore` cannot be read. */
  in(name: string): Promise<GitIgnore> {
    const inherited = this.#files.map((file) => ({ ...file, below: [...file.below, name] }));
    return GitIgnore.#at(join(this.#folder, name), inherited);
  }

  static async #at(folder: string, inherited: readonly IgnoreFile[]): Promise<GitIgnore> {
    return new GitIgnore(folder, [...(await patternsIn(join(folder, '.gitignore'))), ...inherited]);
  }

  /** Whether Git ignores a file or a folder of this folder. */
  ignores(name: string, isFolder: boolean): boolean {
    for (const { below, patterns } of this.#files) {
      const verdict = patterns.verdictOn({ names: [...below, name], isFolder });
      if (verdict !== undefined) return verdict === 'ignored';
    }
    return false;
  }
}

/** Whether Git ignores a file of a repository, or a folder around it. Throws if a `.gitignore` cannot be read. */
export async function isIgnored(repository: string, path: string): Promise<boolean> {
  const names = relative(repository, path).split(sep);
  const last = names.pop() ?? '';
  let ignore = await GitIgnore.of(repository);
  for (const name of names) {
    if (ignore.ignores(name, true)) return true;
    ignore = await ignore.in(name);
  }
  return ignore.ignores(last, false);
}

/** Returns the patterns of a file in the current folder. None if there is no such file; Git follows no link to one. */
async function patternsIn(file: string): Promise<readonly IgnoreFile[]> {
  if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) return [];
  return [{ below: [], patterns: IgnorePatterns.parse(await readFileBytes(file)) }];
}

/**
 * Returns the folder in which Git keeps what all worktrees of a repository share. In a worktree and in a submodule, `.git`
 * is a file that leads to it (https://git-scm.com/docs/gitrepository-layout).
 */
async function gitFolderOf(root: string): Promise<string> {
  const own = join(root, '.git');
  const target = await lineOf(own, /^gitdir: (.+)$/m);
  if (target === undefined) return own;
  const folder = resolve(root, target);
  const common = await lineOf(join(folder, 'commondir'), /^(.+)$/m);
  return common === undefined ? folder : resolve(folder, common);
}

/** Returns what a pattern finds in a file. Undefined if there is no such file, or nothing is found. */
async function lineOf(file: string, pattern: RegExp): Promise<string | undefined> {
  if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) return undefined;
  return pattern.exec((await readFileBytes(file)).toString('utf8'))?.[1];
}

/** Returns the root of the repository that contains a folder. Undefined if there is none. */
export function repositoryOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (lstatSync(join(at, '.git'), { throwIfNoEntry: false })) return at;
    if (dirname(at) === at) return undefined;
  }
}
