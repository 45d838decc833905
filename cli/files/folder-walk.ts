import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { SealedSecretsError, type Failure } from '../../shared/errors.ts';
import { fileFailure, systemCode, systemReason } from '../../shared/file-errors.ts';
import { GitIgnore } from './gitignore.ts';
import { IgnorePatterns } from './ignore-patterns.ts';

/** Which files of a folder to take. The patterns are those of a `.gitignore` in that folder. */
export interface WalkOptions {
  /** With patterns, only files that fit, or that are in a folder that fits. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Whether to take files of any name, and not only those of YAML and JSON. */
  readonly anyName?: boolean;
}

/** A file or folder. */
export interface Found {
  /** Its path without symbolic links. */
  readonly real: string;
  /** Its path as the user wrote it. */
  readonly shown: string;
}

/** A file, or why a file or folder cannot be read. */
export type Walked = Found | Failure;

/** The names of files that may hold SealedSecrets. */
const MANIFEST = /\.(?:ya?ml|json)$/i;

/** Whether the name of a file is one of YAML or JSON. */
export function isManifestName(path: string): boolean {
  return MANIFEST.test(path);
}

/** Finds the YAML and JSON files in a folder, or all files. */
export class FolderWalk {
  readonly #root: Found;
  readonly #include: IgnorePatterns | undefined;
  readonly #exclude: IgnorePatterns;
  readonly #isWanted: (name: string) => boolean;

  constructor(root: Found, { include, exclude, anyName = false }: WalkOptions) {
    this.#root = root;
    this.#include = include.length > 0 ? new IgnorePatterns(include) : undefined;
    this.#exclude = new IgnorePatterns(exclude);
    this.#isWanted = anyName ? () => true : isManifestName;
  }

  /** Finds the files in the order of their names. Skips `.git`, what Git ignores, and symbolic links. */
  files(): AsyncGenerator<Walked> {
    return this.#in([], () => GitIgnore.of(this.#root.real));
  }

  /** @param names the names that lead to the folder */
  async *#in(names: readonly string[], load: () => Promise<GitIgnore>): AsyncGenerator<Walked> {
    const folder = join(this.#root.shown, ...names);
    let ignore: GitIgnore;
    let entries: Dirent[];
    try {
      ignore = await load();
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      yield unreadable(error, folder);
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const { name } = entry;
      const path = [...names, name];
      const isFolder = entry.isDirectory();
      if (name === '.git' || (!isFolder && (!entry.isFile() || !this.#isWanted(name)))) continue;
      if (ignore.ignores(name, isFolder)) continue;
      if (this.#exclude.verdictOn({ names: path, isFolder }) === 'ignored') continue;
      if (isFolder) yield* this.#in(path, () => ignore.in(name));
      else if (this.#isIncluded(path))
        yield { real: join(this.#root.real, ...path), shown: join(this.#root.shown, ...path) };
    }
  }

  /** Whether a pattern of `include` fits the file or a folder that leads to it. */
  #isIncluded(path: readonly string[]): boolean {
    const include = this.#include;
    if (include === undefined) return true;
    return path.some((_, index) => {
      const isFolder = index < path.length - 1;
      return include.verdictOn({ names: path.slice(0, index + 1), isFolder }) === 'ignored';
    });
  }
}

/** Returns why a file or folder cannot be read. */
export function unreadable(error: unknown, path: string): Failure {
  if (error instanceof SealedSecretsError) return error.failure;
  const code = systemCode(error);
  if (code === 'ENOENT') return fileFailure({ code: 'NoSuchFile', path });
  return fileFailure({ code: 'UnreadableFile', path, reason: systemReason(code) });
}
